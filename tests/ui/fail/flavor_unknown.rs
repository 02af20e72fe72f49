mod unknown {
    #[lambda_stream::main(flavor = "multi-thread")]
    async fn handler() {}
}

mod unquoted {
    #[lambda_stream::main(flavor = multi_thread)]
    async fn handler() {}
}

fn main() {}
