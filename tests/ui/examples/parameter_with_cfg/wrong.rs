// A parameter exists in debug builds only.
// group: signature
// marked: #[cfg(debug_assertions)]
// write: remove `#[cfg(debug_assertions)]`
// verdict: yes, yes, yes
use lambda_stream::{Context, Error, Payload, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Prompt {
    text: String,
}

#[lambda_stream::main]
async fn chat(
    Payload(prompt): Payload<Prompt>,
    #[cfg(debug_assertions)] context: Context,
    mut stream: ResponseStream,
) -> Result<(), Error> {
    #[cfg(debug_assertions)]
    println!("{}", context.request_id());
    for word in prompt.text.split_whitespace() {
        stream.write(format!("{word}!")).await?;
    }
    Ok(())
}
