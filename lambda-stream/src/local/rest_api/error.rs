//! The error responses of API Gateway.

use http::{HeaderValue, Response, StatusCode};
use serde_json::json;

use super::super::server::body::{ResponseBody, boxed};
use super::super::server::rejection::json_response;
use super::super::server::request_body::BodyError;

/// An error response of API Gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ApiError {
    /// The function failed, or its response is not valid.
    InternalServerError,
    /// The integration did not respond in time.
    Timeout,
    /// The event exceeds Lambda's limit.
    RequestTooLong,
    /// The memory of local mode is used up.
    TooManyRequests,
    /// The request cannot be read.
    BadRequest,
    /// The request was not complete in time.
    RequestTimeout,
}

impl ApiError {
    /// Returns the error for a request that cannot become an event, and its explanation.
    pub(super) fn of_request(error: &BodyError) -> (Self, String) {
        let api_error = match error {
            BodyError::TooLarge => Self::RequestTooLong,
            BodyError::OverBudget => Self::TooManyRequests,
            BodyError::Timeout => Self::RequestTimeout,
            BodyError::Read(_) => Self::BadRequest,
        };
        (api_error, error.to_string())
    }

    pub(super) fn into_response(self) -> Response<ResponseBody> {
        let (status, error_type, message) = match self {
            Self::InternalServerError => (
                StatusCode::BAD_GATEWAY,
                "InternalServerErrorException",
                "Internal server error",
            ),
            Self::Timeout => (
                StatusCode::GATEWAY_TIMEOUT,
                "InternalServerErrorException",
                "Endpoint request timed out",
            ),
            Self::RequestTooLong => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "RequestTooLargeException",
                "Request Too Long",
            ),
            Self::TooManyRequests => (
                StatusCode::TOO_MANY_REQUESTS,
                "TooManyRequestsException",
                "Too Many Requests",
            ),
            Self::BadRequest => (StatusCode::BAD_REQUEST, "BadRequestException", "Bad Request"),
            Self::RequestTimeout => (
                StatusCode::REQUEST_TIMEOUT,
                "RequestTimeoutException",
                "Request Timeout",
            ),
        };
        let mut response = json_response(json!({ "message": message }).to_string().into());
        *response.status_mut() = status;
        response
            .headers_mut()
            .insert("x-amzn-errortype", HeaderValue::from_static(error_type));
        response.map(boxed)
    }
}
