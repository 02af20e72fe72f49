mod plain {
    #[lambda_stream::main]
    #[test]
    async fn handler() {}
}

mod of_a_runtime {
    #[lambda_stream::main]
    #[tokio::test]
    async fn handler() {}
}

fn main() {}
