#[lambda_stream::main]
async fn handler(event: String, count: Vec<u32>) {
    let _ = (event, count);
}
