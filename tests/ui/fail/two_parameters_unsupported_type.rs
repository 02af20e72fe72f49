struct First;
struct Second;

#[lambda_stream::main]
async fn handler(first: First, second: Second) {
    let _ = (first, second);
}
