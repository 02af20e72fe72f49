// A fault of the body is reported where it is, and only there.
#[lambda_stream::main]
async fn handler(event: String) {
    let length: u8 = event.len();
    drop(length);
}
