#[lambda_stream::main]
async fn handler(name: String) -> String {
    format!("Hello, {name}")
}
