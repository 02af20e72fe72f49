// After a fault the function still stands, so whoever calls it gets no error on its account.
#[lambda_stream::main(init = 1)]
async fn handler(event: String) -> usize {
    event.len()
}

#[allow(dead_code)]
async fn caller() -> usize {
    handler(String::new()).await
}
