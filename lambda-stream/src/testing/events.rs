//! Sample events of the services that invoke functions.
//!
//! Each function returns the event as JSON, in the form that AWS documents for its source. To set a field for which there
//! is no parameter, change the value: `event["requestContext"]["authorizer"] = …`.
//!
//! # HTTP requests
//! [`function_url`], [`http_api`], [`http_api_v1`], [`rest_api`], [`alb`] and [`alb_multi_value`] encode an
//! [`http::Request`]. A handler that takes an `http::Request` receives the same method, path, query, headers and body,
//! except for what the source itself changes:
//!
//! | source | change |
//! |---|---|
//! | [`function_url`], [`http_api`] | The values of a repeated header are joined with `,`. |
//! | [`http_api_v1`], [`rest_api`] | The query is decoded, and its keys are in another order. |
//! | [`alb`] | A repeated header or query key has its last value only. |
//! | [`alb_multi_value`] | The query keys are in another order. |
//!
//! - The event has a `Host` header if the URI of the request has a host. No other header is added: a handler that reads
//!   `X-Forwarded-Proto` requires a request with it.
//! - The address of the client is the last one in the request's `X-Forwarded-For`, to which the source appends it, or
//!   else `192.0.2.1`.
//! - A body is text if it is UTF-8 and its `Content-Type` is one that the source treats as text. Any other body is base64,
//!   also one without `Content-Type`.
//! - Account, region, time and ids are fixed, so that events are equal in each run.
//!
//! # Records and schedules
//! [`sqs`], [`sns`], [`s3`], [`dynamodb`], [`kinesis`], [`eventbridge`] and [`scheduled`] return the events of services
//! that invoke functions without an HTTP request. Their checksums and signatures are not those of the content.

mod alb;
mod messages;
mod payload_v1;
mod payload_v2;
mod request;
mod schedules;
mod streams;
#[cfg(test)]
mod tests;

pub use self::alb::{alb, alb_multi_value};
pub use self::messages::{s3, sns, sqs};
pub use self::payload_v1::{http_api_v1, rest_api};
pub use self::payload_v2::{function_url, http_api};
pub use self::schedules::{eventbridge, scheduled};
pub use self::streams::{dynamodb, kinesis};

/// The account of all samples.
const ACCOUNT: &str = "123456789012";
const REGION: &str = "us-east-1";
/// The API of the samples of API Gateway.
const API_ID: &str = "a1b2c3d4e5";
const API_DOMAIN: &str = "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com";
const API_REQUEST_ID: &str = "JKJaXmPLvHcESHA=";
/// 2025-01-01T00:00:00Z, the time of all samples, in milliseconds.
const TIME_MILLIS: u64 = 1_735_689_600_000;
/// The same in ISO 8601.
const TIME: &str = "2025-01-01T00:00:00Z";
/// The same with milliseconds, as SNS and S3 write it.
const TIME_WITH_MILLIS: &str = "2025-01-01T00:00:00.000Z";
