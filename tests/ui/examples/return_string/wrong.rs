// A handler returns its text, as a handler of axum does.
// group: return
// marked: String
// write: mut stream: ResponseStream
// verdict: yes, yes, yes
use lambda_stream::Payload;

#[lambda_stream::main]
async fn greet(Payload(name): Payload<String>) -> String {
    format!("Hello, {name}")
}
