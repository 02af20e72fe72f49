mod of_a_type {
    #[lambda_stream::main]
    async fn handler<T: serde::de::DeserializeOwned>(_: T) {}
}

mod of_a_constant {
    #[lambda_stream::main]
    async fn handler<const SIZE: usize>(_: [u8; SIZE]) {}
}

fn main() {}
