// The handler writes to its stream and returns a response.
// group: return
// marked: Json<String>
// write: Result<(), lambda_stream::Error>
// verdict: yes, yes, yes
use lambda_stream::{Error, Json, Payload, ResponseStream};

#[lambda_stream::main]
async fn greet(Payload(name): Payload<String>, mut stream: ResponseStream) -> Result<Json<String>, Error> {
    stream.write(format!("Hello, {name}")).await?;
    Ok(Json("done".to_owned()))
}
