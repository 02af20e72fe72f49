mod zero {
    #[lambda_stream::main(flavor = "multi_thread", worker_threads = 0)]
    async fn handler() {}
}

mod negative {
    #[lambda_stream::main(flavor = "multi_thread", worker_threads = -2)]
    async fn handler() {}
}

mod string {
    #[lambda_stream::main(flavor = "multi_thread", worker_threads = "4")]
    async fn handler() {}
}

fn main() {}
