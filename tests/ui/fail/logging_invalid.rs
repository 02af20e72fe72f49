mod string {
    #[lambda_stream::main(logging = "false")]
    async fn handler() {}
}

mod level {
    #[lambda_stream::main(logging = "debug")]
    async fn handler() {}
}

mod word {
    #[lambda_stream::main(logging = off)]
    async fn handler() {}
}

mod missing_value {
    #[lambda_stream::main(logging)]
    async fn handler() {}
}

mod duplicate {
    #[lambda_stream::main(logging = true, logging = false)]
    async fn handler() {}
}

mod alias {
    #[lambda_stream::main(subscriber = false)]
    async fn handler() {}
}

fn main() {}
