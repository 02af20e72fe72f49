//! Requests to AWS services that carry the trace id of the invocation, as Lambda's recursive loop detection requires.
//!
//! The function sends each word of the event's text to an SQS queue, and streams the ids of the messages.
//!
//! ```sh
//! export AWS_ENDPOINT_URL=http://localhost:4566 AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
//! export QUEUE_URL=http://localhost:4566/000000000000/words
//! cargo run -p lambda-stream-example-aws-sdk
//! curl -N http://127.0.0.1:9000 -d '{"text":"one two three"}'
//! ```

use aws_config::BehaviorVersion;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::interceptors::BeforeTransmitInterceptorContextMut;
use aws_sdk_sqs::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_sqs::error::BoxError;
use lambda_stream::{Context, Error, Payload, ResponseStream};
use serde::Deserialize;

/// Sets the header `X-Amzn-Trace-Id` of a request to the trace id of an invocation.
///
/// The SDK sets the header itself only if the environment variable `_X_AMZN_TRACE_ID` is set. The interceptor replaces
/// that value, which would be wrong with concurrent invocations.
#[derive(Debug)]
struct TraceId(Option<String>);

impl TraceId {
    fn of(context: &Context) -> Self {
        Self(context.trace_id().map(str::to_owned))
    }
}

impl Intercept for TraceId {
    fn name(&self) -> &'static str {
        "TraceId"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(trace_id) = &self.0 {
            let headers = context.request_mut().headers_mut();
            headers.try_insert("x-amzn-trace-id", trace_id.clone())?;
        }
        Ok(())
    }
}

struct Queue {
    client: Client,
    url: String,
}

async fn connect() -> Result<Queue, Error> {
    // The default HTTP client of the SDK has TLS; this one does not. See `Cargo.toml`.
    let http_client = aws_smithy_http_client::Builder::new().build_http();
    let config = aws_config::defaults(BehaviorVersion::latest()).http_client(http_client);
    Ok(Queue {
        client: Client::new(&config.load().await),
        url: std::env::var("QUEUE_URL")?,
    })
}

#[derive(Deserialize)]
struct Words {
    text: String,
}

#[lambda_stream::main(init = connect)]
async fn sdk_trace(
    Payload(words): Payload<Words>,
    context: Context,
    queue: &Queue,
    mut stream: ResponseStream,
) -> Result<(), Error> {
    stream.set_content_type("text/plain; charset=utf-8")?;
    for word in words.text.split_whitespace() {
        let message = queue.client.send_message().queue_url(&queue.url).message_body(word);
        let sent = message.customize().interceptor(TraceId::of(&context)).send().await?;
        let id = sent.message_id().unwrap_or("without an id");
        stream.write(format!("{word}: message {id}\n")).await?;
    }
    Ok(())
}
