// The handler uses `?`, but returns `()`.
// group: send
// marked: ?
// verdict: no (the compiler marks `?`, and labels the body), no (it says that the function should return `Result`, without its types), yes
use lambda_stream::ResponseStream;

#[lambda_stream::main]
async fn handler(mut stream: ResponseStream) {
    stream.write("Hello").await?;
}
