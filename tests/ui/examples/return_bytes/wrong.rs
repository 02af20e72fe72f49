// A handler returns `Bytes`.
// group: return
// marked: Bytes
// write: mut stream: ResponseStream
// verdict: yes, yes, yes
use bytes::Bytes;
use lambda_stream::Payload;

#[lambda_stream::main]
async fn thumbnail(Payload(name): Payload<String>) -> Bytes {
    Bytes::from(format!("thumbnail of {name}"))
}
