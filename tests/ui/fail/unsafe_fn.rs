#[lambda_stream::main]
async unsafe fn handler() {}
