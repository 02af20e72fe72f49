mod type_parameter {
    #[lambda_stream::main]
    async fn handler<T: serde::de::DeserializeOwned>(_: T) {}
}

mod const_parameter {
    #[lambda_stream::main]
    async fn handler<const SIZE: usize>(_: [u8; SIZE]) {}
}

fn main() {}
