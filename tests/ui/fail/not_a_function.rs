#[lambda_stream::main]
struct Handler;

mod impl_block {
    use super::Handler;

    #[lambda_stream::main]
    impl Handler {
        pub async fn handle(_: String) {}
    }
}

mod module {
    #[lambda_stream::main]
    mod inner {}
}
