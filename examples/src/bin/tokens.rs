//! `Payload`: one function for JSON bodies, query strings and events. It streams a text as a language model would, one word
//! at a time.
//!
//! ```sh
//! cargo run --bin tokens
//! curl -N http://127.0.0.1:9000 -d '{"text":"one two three"}'
//! curl -N 'http://127.0.0.1:9000?text=one+two+three'
//! ```
//!
//! Without a server: `cargo run --bin tokens -- --event '{"text":"one two three"}'`.

use std::time::Duration;

use lambda_stream::{Error, Payload, ResponseStream};
use serde::Deserialize;

#[derive(Deserialize)]
struct Prompt {
    #[serde(default = "default_text")]
    text: String,
}

fn default_text() -> String {
    "Each word of this response is sent when it is written.".to_owned()
}

#[lambda_stream::main]
async fn tokens(Payload(prompt): Payload<Prompt>, mut stream: ResponseStream) -> Result<(), Error> {
    stream.set_content_type("text/plain; charset=utf-8")?;
    for word in prompt.text.split_whitespace() {
        stream.write(format!("{word} ")).await?;
        tokio::time::sleep(Duration::from_millis(80)).await;
    }
    stream.write("\n").await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use http::Request;
    use lambda_stream::testing::Invocation;
    use serde_json::json;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn each_word_is_sent_when_it_is_written() {
        let response = Invocation::new(json!({"text": "one two"})).run(tokens).await;
        response.assert_body("one two \n");
        let times = response.chunks().iter().map(|chunk| chunk.elapsed().as_millis());
        assert_eq!(times.collect::<Vec<_>>(), [0, 80, 160]);
    }

    #[tokio::test(start_paused = true)]
    async fn query_of_a_function_url_is_the_prompt() {
        let request = Request::get("/?text=one+two").body("").unwrap();
        let response = Invocation::function_url(request).run(tokens).await;
        response.assert_body("one two \n");
    }

    #[tokio::test(start_paused = true)]
    async fn text_of_another_type_is_status_400() {
        let request = Request::post("/").body(r#"{"text": 7}"#).unwrap();
        let response = Invocation::function_url(request).run(tokens).await;
        assert_eq!(response.status(), Some(400));
        assert!(response.text().contains("invalid type"), "{response:?}");
    }

    /// The clock is paused, so the ten seconds pass as soon as the handler waits.
    #[tokio::test(start_paused = true)]
    async fn long_text_ends_before_the_deadline() {
        let text = "word ".repeat(1000);
        let invocation = Invocation::new(json!({ "text": text })).timeout(Duration::from_secs(10));
        let response = invocation.run(tokens).await;
        assert_eq!(response.error().unwrap().error_type(), "Function.Timeout");
        // A word each 80 ms, until 200 ms before the deadline.
        assert_eq!(response.chunks().len(), 123);
        assert_eq!(response.chunks()[122].elapsed(), Duration::from_millis(9760));
    }
}
