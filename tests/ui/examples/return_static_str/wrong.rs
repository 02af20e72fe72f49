// A handler returns a string literal.
// group: return
// marked: &'static str
// write: mut stream: ResponseStream
// verdict: yes, yes, yes
#[lambda_stream::main]
async fn health() -> &'static str {
    "healthy"
}
