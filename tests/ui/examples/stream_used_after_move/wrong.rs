// The stream is used after a task has taken it.
// group: send
// marked: stream
// verdict: yes, no (the compiler cannot know which of the two should write), yes
use lambda_stream::{Error, ResponseStream};

#[lambda_stream::main]
async fn handler(mut stream: ResponseStream) -> Result<(), Error> {
    tokio::spawn(async move { stream.write("one ").await });
    stream.write("two").await?;
    Ok(())
}
