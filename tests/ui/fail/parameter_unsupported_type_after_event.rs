// The compiler reports one error, for the second parameter. It does not also count the parameter as a second event.
struct Unknown;

#[lambda_stream::main]
async fn handler(event: String, unknown: Option<Unknown>) {
    let _ = (event, unknown);
}
