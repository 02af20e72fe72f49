use lambda_stream::ResponseStream;

type Out = ResponseStream;

#[lambda_stream::main]
async fn handler(first: ResponseStream, event: String, second: Out) {
    let _ = (first, event, second);
}
