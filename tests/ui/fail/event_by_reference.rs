mod string_slice {
    #[lambda_stream::main]
    async fn handler(_: &str) {}
}

mod byte_slice {
    #[lambda_stream::main]
    async fn handler(_: &[u8]) {}
}

fn main() {}
