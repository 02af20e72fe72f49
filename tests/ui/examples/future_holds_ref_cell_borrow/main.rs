// event: ["one", "two"]
// response: onetwo (6 bytes)

use lambda_stream::{Error, Payload, ResponseStream};

async fn write_all(
    stream: &mut ResponseStream,
    words: &[String],
    sent: &std::sync::RwLock<usize>,
) -> Result<(), Error> {
    for word in words {
        stream.write(word).await?;
        *sent.write().map_err(|_| Error::new("a thread panicked"))? += word.len();
    }
    Ok(())
}

#[lambda_stream::main]
async fn echo(Payload(words): Payload<Vec<String>>, mut stream: ResponseStream) -> Result<(), Error> {
    let sent = std::sync::RwLock::new(0);
    write_all(&mut stream, &words, &sent).await?;
    let summary = format!(" ({} bytes)", sent.read().map_err(|_| Error::new("a thread panicked"))?);
    stream.write(summary).await?;
    Ok(())
}
