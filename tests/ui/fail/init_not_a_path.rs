mod quoted {
    #[lambda_stream::main(init = "setup")]
    async fn handler() {}
}

mod called {
    #[lambda_stream::main(init = setup())]
    async fn handler() {}
}

mod closure {
    #[lambda_stream::main(init = || async { Ok(1) })]
    async fn handler() {}
}

mod generic {
    #[lambda_stream::main(init = setup<u8>)]
    async fn handler() {}
}

fn main() {}
