//! Encodes the response of a function as the HTTP response of a REST API.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Response;

use super::super::broker::response::{FunctionResponse, ResponseChunks};
use super::super::function_url::body::StreamingBody;
use super::super::function_url::prelude::{self, HeadError, HeadRules};
use super::super::function_url::response::buffered_response;
use super::super::server::body::{ResponseBody, boxed};
use super::super::server::connection::ConnectionState;
use super::error::ApiError;

/// How a REST API sends the response to a request.
pub(super) struct Encoder {
    /// The limit for the prelude and its delimiter, in bytes.
    pub(super) max_prelude: usize,
    pub(super) idle_timeout: Option<Duration>,
    pub(super) connection: Arc<ConnectionState>,
    /// The method and the path, for the log.
    pub(super) request: String,
}

impl Encoder {
    /// Waits for the response of the function and returns the HTTP response.
    pub(super) async fn encode(self, response: impl Future<Output = FunctionResponse>) -> Response<ResponseBody> {
        let request = self.request.clone();
        let idle_timeout = self.idle_timeout;
        let encoded = async {
            match response.await {
                FunctionResponse::Buffered(payload) => encode_buffered(&payload),
                FunctionResponse::Streaming { body, .. } => self.encode_stream(body).await,
                FunctionResponse::Failed(error) => Err(HeadError::Invocation(error)),
            }
        };
        let encoded = match idle_timeout {
            Some(idle_timeout) => match tokio::time::timeout(idle_timeout, encoded).await {
                Ok(encoded) => encoded,
                Err(_) => {
                    let seconds = idle_timeout.as_secs();
                    log!(
                        WARN,
                        "{request}: no complete prelude after {seconds} seconds, API Gateway's idle timeout, so the caller \
                         gets status 504; the function keeps running: start the response earlier"
                    );
                    return ApiError::Timeout.into_response();
                }
            },
            None => encoded.await,
        };
        encoded.unwrap_or_else(|error| {
            // The error of a failed invocation is logged where it occurs.
            if let HeadError::Invalid { message, .. } = error {
                log!(
                    WARN,
                    "{request}: invalid response, the caller gets status 502: {message}"
                );
            }
            ApiError::InternalServerError.into_response()
        })
    }

    /// Encodes a streaming response. API Gateway expects a prelude whatever the content type is.
    async fn encode_stream(self, mut body: ResponseChunks) -> Result<Response<ResponseBody>, HeadError> {
        let (head, start) = prelude::read_within(self.max_prelude, &mut body, HeadRules::RestApi).await?;
        let body = StreamingBody::new(start, body, self.connection, self.idle_timeout);
        let mut response = Response::new(boxed(body));
        *response.status_mut() = head.status;
        *response.headers_mut() = head.headers;
        Ok(response)
    }
}

/// Encodes a buffered response, which must be the JSON object of a proxy integration.
fn encode_buffered(payload: &Bytes) -> Result<Response<ResponseBody>, HeadError> {
    match prelude::decode_buffered(payload, HeadRules::RestApi)? {
        Some((head, body)) => Ok(buffered_response(head, body)),
        None => Err(HeadError::bad_gateway(
            "the response is not the JSON object that a proxy integration expects: send an object with a `statusCode`, \
             such as {\"statusCode\":200,\"headers\":{},\"body\":\"text\"}",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::test_client::StreamingFunction;
    use super::*;
    use http_body_util::BodyExt;
    use tokio::time::Instant;

    const IDLE_TIMEOUT: Duration = Duration::from_secs(300);

    fn encoder(idle_timeout: Option<Duration>) -> Encoder {
        Encoder {
            max_prelude: 16 * 1024,
            idle_timeout,
            connection: Arc::default(),
            request: "GET /".to_owned(),
        }
    }

    async fn text(response: Response<ResponseBody>) -> String {
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn idle_function_gets_504_before_its_prelude() {
        let start = Instant::now();
        let response = encoder(Some(IDLE_TIMEOUT)).encode(std::future::pending()).await;
        assert_eq!(response.status(), 504);
        assert_eq!(text(response).await, r#"{"message":"Endpoint request timed out"}"#);
        assert!(start.elapsed() < IDLE_TIMEOUT + Duration::from_millis(5));

        let (function, body) = StreamingFunction::start().await;
        function.send("{").await;
        let streaming = FunctionResponse::Streaming {
            content_type: String::new(),
            body,
        };
        let response = encoder(Some(IDLE_TIMEOUT)).encode(std::future::ready(streaming)).await;
        assert_eq!(response.status(), 504);
        // The function keeps running.
        for _ in 0..10 {
            function.send("}").await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn no_idle_timeout_waits_for_prelude() {
        let (function, body) = StreamingFunction::start().await;
        let streaming = FunctionResponse::Streaming {
            content_type: String::new(),
            body,
        };
        let response = async move {
            tokio::time::sleep(10 * IDLE_TIMEOUT).await;
            streaming
        };
        function.send("{\"statusCode\":201}\0\0\0\0\0\0\0\0").await;
        assert_eq!(encoder(None).encode(response).await.status(), 201);
    }
}
