struct NotAnError;

#[lambda_stream::main]
async fn handler() -> Result<(), NotAnError> {
    Err(NotAnError)
}
