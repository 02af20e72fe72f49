struct Prompt {
    text: String,
}

#[lambda_stream::main]
async fn handler(prompt: Prompt) {
    let _ = prompt.text;
}
