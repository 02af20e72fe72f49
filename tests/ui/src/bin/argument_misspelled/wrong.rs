mod missing_letter {
    #[lambda_stream::main(worker_thread = 4)]
    async fn handler() {}
}

mod british_spelling {
    #[lambda_stream::main(flavour = "multi_thread")]
    async fn handler() {}
}

mod alias {
    #[lambda_stream::main(state = setup)]
    async fn handler() {}
}

fn main() {}
