mod missing_unit {
    #[lambda_stream::main(deadline_margin = "500")]
    async fn handler() {}
}

mod fraction {
    #[lambda_stream::main(deadline_margin = "1.5s")]
    async fn handler() {}
}

mod unsupported_unit {
    #[lambda_stream::main(deadline_margin = "1m")]
    async fn handler() {}
}

mod negative {
    #[lambda_stream::main(deadline_margin = -1)]
    async fn handler() {}
}

mod none {
    #[lambda_stream::main(deadline_margin = None)]
    async fn handler() {}
}

mod too_large {
    #[lambda_stream::main(deadline_margin = "99999999999999999999ms")]
    async fn handler() {}
}

mod unquoted {
    #[lambda_stream::main(deadline_margin = 2s)]
    async fn handler() {}
}

mod unquoted_off {
    #[lambda_stream::main(deadline_margin = off)]
    async fn handler() {}
}

mod alias {
    #[lambda_stream::main(timeout = "2s")]
    async fn handler() {}
}

fn main() {}
