#[lambda_stream::main]
fn handler() {}
