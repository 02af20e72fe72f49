mod std_test {
    #[lambda_stream::main]
    #[test]
    async fn handler() {}
}

mod tokio_test {
    #[lambda_stream::main]
    #[tokio::test]
    async fn handler() {}
}

fn main() {}
