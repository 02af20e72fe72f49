// The handler expects the sender of a channel, as the body of a hyper response has.
// group: parameters
// marked: Sender<String>
// verdict: yes, no (it lists all parameters), yes
use lambda_stream::Error;
use tokio::sync::mpsc::Sender;

#[lambda_stream::main]
async fn handler(stream: Sender<String>) -> Result<(), Error> {
    stream.send("ready".to_owned()).await?;
    Ok(())
}
