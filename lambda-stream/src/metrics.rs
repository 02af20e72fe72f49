//! Metrics in CloudWatch's [embedded metric format][EMF] (feature `metrics`).
//!
//! At the end of each invocation, the runtime writes one line of JSON to standard error, from which CloudWatch Logs
//! extracts metrics. No API is called and no agent is required.
//!
//! | metric | unit | value |
//! |---|---|---|
//! | `Duration` | milliseconds | from the arrival of the event until the invocation has ended: the handler has returned, and Lambda has accepted the response |
//! | `TimeToFirstByte` | milliseconds | from the arrival of the event until the first byte of the response was sent; absent if there was none |
//! | `ResponseBytes` | bytes | the length of a streamed body; 0 for a document |
//! | `ResponseChunks` | count | how many chunks the runtime sent |
//! | `Backpressure` | milliseconds | how long writes waited because the buffer was full |
//! | `ColdStart` | count | 1 for the first invocation of the process, else 0 |
//! | `Errors` | count | 1 if the handler returned an error or panicked, else 0 |
//! | `Timeouts` | count | 1 if the runtime stopped the handler before the deadline, else 0 |
//! | `Rejections` | count | 1 if Lambda did not accept the response, else 0 |
//!
//! The dimensions are `FunctionName` and `FunctionVersion`. Other members of the document are not metrics, but can be
//! searched in CloudWatch Logs: `requestId`, `tenantId` and `xRayTraceId`, with the names that Lambda uses in its JSON
//! logs, `outcome` (`ok`, `error`, `timeout` or `rejected`) and `errorType`.
//!
//! [`record`] adds metrics of the function.
//!
//! # Configuration
//! The namespace is `lambda-stream` unless [`Runtime::metrics_namespace`](crate::Runtime::metrics_namespace) or the
//! environment variable `LAMBDA_STREAM_METRICS_NAMESPACE` sets another one. The variable takes precedence.
//!
//! Nothing is written if `AWS_LAMBDA_FUNCTION_NAME` is not set, for example in unit tests, and in local mode with
//! `--in-process` or `--event`.
//!
//! [EMF]: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html

mod destination;
mod document;
mod invocation;
mod unit;

use std::borrow::Cow;

pub(crate) use self::destination::Destination;
use self::document::Metric;
pub(crate) use self::invocation::InvocationMetrics;
pub use self::unit::Unit;

/// The largest absolute value that CloudWatch accepts: 2<sup>360</sup>.
const MAX_VALUE: f64 = f64::from_bits((1023 + 360) << 52);

/// The longest name of a metric, in bytes.
const MAX_NAME_LENGTH: usize = 255;

/// Records a value of a metric.
///
/// Inside of an invocation, the value becomes part of the invocation's metrics, which the runtime writes when the
/// invocation has ended. This applies to the handler, to a stream or body that it returns, and to everything that these
/// await. Elsewhere, for example in `init` or in a task that the handler spawned, the value is written immediately as a
/// line of its own, without the request id.
///
/// Several values of one metric are kept, so CloudWatch can compute percentiles. The dimensions and the namespace are
/// those of the [module](self).
///
/// ```
/// use lambda_stream::metrics::{self, Unit};
/// use lambda_stream::{Error, Payload, ResponseStream};
///
/// async fn handler(Payload(order): Payload<Vec<String>>, mut stream: ResponseStream) -> Result<(), Error> {
///     stream.write("accepted").await?;
///     metrics::record("OrdersPlaced", 1.0, Unit::Count);
///     metrics::record("OrderItems", order.len() as f64, Unit::Count);
///     Ok(())
/// }
/// ```
///
/// # Invalid metrics
/// This function never panics. It logs and ignores a value that CloudWatch rejects: one that is infinite, is not a number,
/// or has an absolute value greater than 2<sup>360</sup>. The same applies to a name that is empty, is longer than 255
/// bytes, has characters other than printable ASCII, or is a name from the [module](self) documentation or `_aws`.
///
/// It ignores all values if `AWS_LAMBDA_FUNCTION_NAME` is not set.
pub fn record(name: impl Into<Cow<'static, str>>, value: f64, unit: Unit) {
    let name = name.into();
    match check(&name, value) {
        Ok(()) => invocation::record(Metric {
            name,
            unit,
            values: vec![value],
        }),
        Err(reason) => log!(WARN, "ignored the metric {name:?}: {reason}"),
    }
}

/// Returns why CloudWatch would reject this metric.
fn check(name: &str, value: f64) -> Result<(), String> {
    if name.is_empty() || name.len() > MAX_NAME_LENGTH {
        return Err(format!("the name must have 1 to {MAX_NAME_LENGTH} bytes"));
    }
    if !name.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Err("the name must consist of printable ASCII characters".to_owned());
    }
    if document::is_reserved(name) {
        return Err("the name is reserved; use another name".to_owned());
    }
    // False for NaN.
    if value.abs() <= MAX_VALUE {
        Ok(())
    } else {
        Err(format!("the value {value} must be a number between -2^360 and 2^360"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_cloudwatch_rejects_are_invalid() {
        assert_eq!(MAX_VALUE, 2f64.powi(360));
        for value in [0.0, -0.0, f64::MIN_POSITIVE, MAX_VALUE, -MAX_VALUE] {
            assert_eq!(check("Orders", value), Ok(()), "{value}");
        }
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN] {
            let reason = check("Orders", value).unwrap_err();
            assert!(reason.contains(&value.to_string()), "{reason}");
        }
    }

    #[test]
    fn names_are_printable_short_and_not_reserved() {
        let longest = "x".repeat(MAX_NAME_LENGTH);
        for name in ["Orders", "a b", "50%", "\"", longest.as_str()] {
            assert_eq!(check(name, 1.0), Ok(()), "{name}");
        }
        let too_long = "x".repeat(MAX_NAME_LENGTH + 1);
        for name in [
            "",
            "\n",
            "größe",
            "_aws",
            "FunctionName",
            "requestId",
            "Duration",
            too_long.as_str(),
        ] {
            assert!(check(name, 1.0).is_err(), "{name}");
        }
    }
}
