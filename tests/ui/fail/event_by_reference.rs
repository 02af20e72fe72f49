mod text {
    #[lambda_stream::main]
    async fn handler(_: &str) {}
}

mod bytes {
    #[lambda_stream::main]
    async fn handler(_: &[u8]) {}
}

fn main() {}
