//! Error responses of the servers themselves, and the rejection of requests that are not fully read.

use std::io;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use serde_json::json;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::limits::LINGER_TIMEOUT;

/// An error response in Lambda's format: a JSON object, and the error type also in the header `x-amzn-errortype`.
pub(crate) struct ErrorResponse {
    status: StatusCode,
    error_type: String,
    json: Bytes,
}

impl ErrorResponse {
    pub(crate) fn new(status: StatusCode, error_type: &str, message: &str) -> Self {
        Self {
            status,
            error_type: error_type.to_owned(),
            json: error_json(error_type, message),
        }
    }

    /// Converts the error into a response for hyper.
    pub(crate) fn into_response(self) -> Response<Full<Bytes>> {
        let mut response = json_response(self.json);
        *response.status_mut() = self.status;
        if let Ok(error_type) = HeaderValue::from_str(&self.error_type) {
            response.headers_mut().insert("x-amzn-errortype", error_type);
        }
        response
    }

    /// Writes the error to a socket that hyper no longer uses, and closes the connection.
    pub(crate) async fn write_to(self, mut socket: impl AsyncRead + AsyncWrite + Unpin) {
        let head = format!(
            "HTTP/1.1 {}\r\ncontent-type: application/json\r\nx-amzn-errortype: {}\r\ncontent-length: {}\r\n\
             connection: close\r\n\r\n",
            self.status,
            self.error_type,
            self.json.len()
        );
        let exchange = async {
            socket.write_all(&[head.as_bytes(), &self.json].concat()).await?;
            socket.shutdown().await?;
            // Closing a socket that has unread bytes resets the connection.
            let mut unread = [0; 4096];
            while socket.read(&mut unread).await? > 0 {}
            io::Result::Ok(())
        };
        let _ = tokio::time::timeout(LINGER_TIMEOUT, exchange).await;
    }
}

/// Encodes an error as JSON.
pub(crate) fn error_json(error_type: &str, message: &str) -> Bytes {
    json!({ "errorType": error_type, "errorMessage": message })
        .to_string()
        .into()
}

/// Returns a response with status 200 and this JSON body.
pub(crate) fn json_response(json: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(json));
    let content_type = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}

/// Reads and discards the rest of a body whose request already has a response. Without this, the client would see a
/// connection reset instead of the response.
pub(crate) fn drain_body(mut body: Incoming) {
    let drain = async move { while let Some(Ok(_)) = body.frame().await {} };
    tokio::spawn(tokio::time::timeout(LINGER_TIMEOUT, drain));
}
