// The function is kept after an error, so the compiler reports no error for its callers.
#[lambda_stream::main(init = 1)]
async fn handler(event: String) -> usize {
    event.len()
}

#[allow(dead_code)]
async fn caller() -> usize {
    handler(String::new()).await
}
