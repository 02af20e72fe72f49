use lambda_stream::LambdaEvent;

#[lambda_stream::main]
async fn handler(event: LambdaEvent<String>, again: LambdaEvent<u32>) {
    let _ = (event, again);
}
