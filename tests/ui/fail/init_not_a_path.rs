mod string {
    #[lambda_stream::main(init = "setup")]
    async fn handler() {}
}

mod call {
    #[lambda_stream::main(init = setup())]
    async fn handler() {}
}

mod closure {
    #[lambda_stream::main(init = || async { Ok(1) })]
    async fn handler() {}
}

mod missing_turbofish {
    #[lambda_stream::main(init = setup<u8>)]
    async fn handler() {}
}

fn main() {}
