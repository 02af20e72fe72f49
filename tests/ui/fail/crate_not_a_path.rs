mod string {
    #[lambda_stream::main(crate = "my_facade::lambda_stream")]
    async fn handler() {}
}

mod generic_arguments {
    #[lambda_stream::main(crate = my_facade::<u8>)]
    async fn handler() {}
}

fn main() {}
