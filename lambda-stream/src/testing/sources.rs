//! Invocations whose event is an HTTP request, for each source of such events.

use http::Request;

use super::events;
use super::invocation::Invocation;

/// HTTP requests. See [`events`] for what the sources change.
impl Invocation {
    /// Creates an invocation by a Function URL. Its response is streamed.
    ///
    /// ```
    /// use http::Request;
    /// use lambda_stream::testing::Invocation;
    /// use lambda_stream::{Payload, ResponseStream, StreamError};
    ///
    /// async fn handler(Payload(name): Payload<String>, mut stream: ResponseStream) -> Result<(), StreamError> {
    ///     stream.write(format!("hello {name}")).await
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let request = Request::post("/").header("content-type", "application/json").body("\"Ada\"").unwrap();
    /// let response = Invocation::function_url(request).run(handler).await;
    /// response.assert_body("hello Ada");
    /// # }
    /// ```
    pub fn function_url(request: Request<impl AsRef<[u8]>>) -> Self {
        Self::new(events::function_url(&request))
    }

    /// Creates an invocation by an API Gateway HTTP API with payload format 2.0.
    pub fn http_api(request: Request<impl AsRef<[u8]>>) -> Self {
        Self::new(events::http_api(&request))
    }

    /// Creates an invocation by an API Gateway HTTP API with payload format 1.0.
    pub fn http_api_v1(request: Request<impl AsRef<[u8]>>) -> Self {
        Self::new(events::http_api_v1(&request))
    }

    /// Creates an invocation by an API Gateway REST API.
    pub fn rest_api(request: Request<impl AsRef<[u8]>>) -> Self {
        Self::new(events::rest_api(&request))
    }

    /// Creates an invocation by an Application Load Balancer, which does not support streaming.
    pub fn alb(request: Request<impl AsRef<[u8]>>) -> Self {
        Self::new(events::alb(&request))
    }

    /// Creates an invocation by an Application Load Balancer whose target group has multi-value headers enabled.
    pub fn alb_multi_value(request: Request<impl AsRef<[u8]>>) -> Self {
        Self::new(events::alb_multi_value(&request))
    }
}
