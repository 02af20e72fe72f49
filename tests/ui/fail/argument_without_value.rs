mod bare {
    #[lambda_stream::main(init)]
    async fn handler() {}
}

mod called {
    #[lambda_stream::main(init(setup))]
    async fn handler() {}
}

mod literal {
    #[lambda_stream::main("multi_thread")]
    async fn handler() {}
}

fn main() {}
