#[lambda_stream::main]
async fn handler() -> Option<u32> {
    None
}
