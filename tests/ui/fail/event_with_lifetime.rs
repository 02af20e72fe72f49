#[derive(serde::Deserialize)]
struct Prompt<'a> {
    text: &'a str,
}

#[lambda_stream::main]
async fn handler(prompt: Prompt<'_>) {
    let _ = prompt.text;
}
