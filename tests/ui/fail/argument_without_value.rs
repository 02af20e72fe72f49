mod name_only {
    #[lambda_stream::main(init)]
    async fn handler() {}
}

mod parentheses {
    #[lambda_stream::main(init(setup))]
    async fn handler() {}
}

mod value_only {
    #[lambda_stream::main("multi_thread")]
    async fn handler() {}
}

fn main() {}
