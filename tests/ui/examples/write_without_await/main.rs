// response: Hello
#![deny(unused_must_use)]

use lambda_stream::ResponseStream;

#[lambda_stream::main]
async fn handler(mut stream: ResponseStream) {
    let _ = stream.write("Hello").await;
}
