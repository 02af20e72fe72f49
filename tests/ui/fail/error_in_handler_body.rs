// The compiler reports an error in the body once, at its own span.
#[lambda_stream::main]
async fn handler(event: String) {
    let length: u8 = event.len();
    drop(length);
}
