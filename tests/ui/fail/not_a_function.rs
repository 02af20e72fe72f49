#[lambda_stream::main]
struct Handler;

mod of_an_impl {
    use super::Handler;

    #[lambda_stream::main]
    impl Handler {
        pub async fn handle(_: String) {}
    }
}

mod of_a_module {
    #[lambda_stream::main]
    mod inner {}
}
