use lambda_stream::ResponseStream;

type Stream = ResponseStream;

#[lambda_stream::main]
async fn handler(first: ResponseStream, event: String, second: Stream) {
    let _ = (first, event, second);
}
