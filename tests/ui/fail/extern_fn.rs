#[lambda_stream::main]
async extern "C" fn handler() {}
