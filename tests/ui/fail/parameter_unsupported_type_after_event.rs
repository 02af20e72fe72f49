// One error, at the second parameter: it is no event, so it cannot be one event too many.
struct Unknown;

#[lambda_stream::main]
async fn handler(event: String, unknown: Option<Unknown>) {
    let _ = (event, unknown);
}
