mod singular {
    #[lambda_stream::main(worker_thread = 4)]
    async fn handler() {}
}

mod british {
    #[lambda_stream::main(flavour = "multi_thread")]
    async fn handler() {}
}

mod synonym {
    #[lambda_stream::main(state = setup)]
    async fn handler() {}
}

fn main() {}
