//! Errors: [`Error`] is reported to the caller of a function, [`StreamError`] is returned to a handler that writes.
//!
//! This module defines what an error says and how it is truncated and encoded. It does not know how an error is sent.

pub(crate) mod encoding;
mod into_error;
mod stream_error;
mod type_name;

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt::{self, Display};

use serde::{Serialize, Serializer, ser::SerializeStruct};

pub use self::into_error::IntoError;
pub use self::stream_error::{Closed, StreamError};
use self::type_name::error_type;
use crate::stderr::OneLine;

/// An error of any type: of an HTTP body, a `tower` service or a layer.
///
/// # Examples
/// ```
/// use lambda_stream::BoxError;
///
/// let error: BoxError = "the upstream closed the connection".into();
/// assert_eq!(error.to_string(), "the upstream closed the connection");
/// ```
pub type BoxError = Box<dyn StdError + Send + Sync>;

/// The error type of an error without a type of its own.
pub(crate) const DEFAULT_ERROR_TYPE: &str = "Function.Error";

/// How many sources of an error are read. An error may be its own source, and the chain then has no end.
const MAX_SOURCES: usize = 1000;

/// The error of a failed invocation, as Lambda reports it to the caller.
///
/// It consists of a type, a message and a stack trace. If the response has not started, the runtime sends it as the body
/// of `POST …/error`, else as HTTP trailers.
///
/// The `?` operator converts every [`std::error::Error`] to it:
/// - the error type is `Function.` and the name of the Rust type. A type that is just called `Error` gets the name of its
///   crate as well: `Function.SerdeJsonError`, or `Function.IoError` for one of the standard library;
/// - the message is the error's text;
/// - the stack trace is the chain of its [sources](std::error::Error::source).
///
/// ```
/// use lambda_stream::Error;
///
/// fn parse(text: &str) -> Result<u16, Error> {
///     Ok(text.parse()?)
/// }
///
/// let error = parse("seven").unwrap_err();
/// assert_eq!(error.error_type(), "Function.ParseIntError");
/// assert_eq!(error.to_string(), "invalid digit found in string");
///
/// let error = Error::new("no such order").with_type("Function.NotFound");
/// assert_eq!(error.error_type(), "Function.NotFound");
/// ```
///
/// It does not implement [`std::error::Error`], because the conversion above would then conflict with the conversion of a
/// type to itself. The `?` operator converts it to a `Box<dyn std::error::Error>`.
///
/// # Limits
/// An error is truncated where it is too long for Lambda: the error type at 256 bytes, a report at 64 KiB, the trailers at
/// 4 KiB, the log line at 16 KiB. The truncated text says how much is missing.
#[derive(Clone)]
pub struct Error(Box<Parts>);

#[derive(Clone)]
struct Parts {
    error_type: Cow<'static, str>,
    message: String,
    stack_trace: Vec<String>,
    /// The backtrace of a panic, for the log. It is not sent to the caller.
    backtrace: Option<String>,
    is_logged: bool,
}

impl Error {
    /// Creates an error of the type `Function.Error`.
    ///
    /// # Examples
    /// ```
    /// use lambda_stream::Error;
    ///
    /// let error = Error::new(format!("no order {}", 17));
    /// assert_eq!(error.error_type(), "Function.Error");
    /// assert_eq!(error.to_string(), "no order 17");
    /// ```
    pub fn new(message: impl Display) -> Self {
        Self::of_type(DEFAULT_ERROR_TYPE, message.to_string(), Vec::new())
    }

    /// Replaces the error type. It is sent unchanged, except for characters that a header cannot contain.
    ///
    /// Lambda's form is `Category.Reason`. Lambda Managed Instances keep a type that contains `Function.` or `Runtime.`
    /// followed by a capital letter and at least one more letter, and replace every other type with `Runtime.Unknown`.
    ///
    /// # Examples
    /// ```
    /// use lambda_stream::Error;
    ///
    /// let error = Error::new("no order 17").with_type("Function.NotFound");
    /// assert_eq!(error.error_type(), "Function.NotFound");
    /// ```
    #[must_use]
    pub fn with_type(mut self, error_type: impl Into<String>) -> Self {
        self.0.error_type = Cow::Owned(error_type.into());
        self
    }

    /// Returns the error type, such as `Function.ParseIntError`.
    ///
    /// # Examples
    /// ```
    /// use lambda_stream::Error;
    ///
    /// let error = Error::from("seven".parse::<u16>().unwrap_err());
    /// assert_eq!(error.error_type(), "Function.ParseIntError");
    /// ```
    #[must_use]
    pub fn error_type(&self) -> &str {
        &self.0.error_type
    }

    /// Returns the chain of sources, outermost first. For a panic, it is the location in the source code.
    ///
    /// # Examples
    /// ```
    /// use std::fmt;
    ///
    /// use lambda_stream::Error;
    ///
    /// #[derive(Debug)]
    /// struct InvalidPort(std::num::ParseIntError);
    ///
    /// impl fmt::Display for InvalidPort {
    ///     fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    ///         f.write_str("invalid port")
    ///     }
    /// }
    ///
    /// impl std::error::Error for InvalidPort {
    ///     fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
    ///         Some(&self.0)
    ///     }
    /// }
    ///
    /// let error = Error::from(InvalidPort("seven".parse::<u16>().unwrap_err()));
    /// assert_eq!(error.to_string(), "invalid port");
    /// assert_eq!(error.stack_trace(), ["invalid digit found in string"]);
    /// ```
    #[must_use]
    pub fn stack_trace(&self) -> &[String] {
        &self.0.stack_trace
    }

    pub(crate) fn of_type(
        error_type: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
        stack_trace: Vec<String>,
    ) -> Self {
        Self(Box::new(Parts {
            error_type: error_type.into(),
            message: message.into(),
            stack_trace,
            backtrace: None,
            is_logged: false,
        }))
    }

    pub(crate) fn with_backtrace(mut self, backtrace: Option<String>) -> Self {
        self.0.backtrace = backtrace;
        self
    }

    /// Returns the backtrace of a panic that was captured for the log.
    pub(crate) fn backtrace(&self) -> Option<&str> {
        self.0.backtrace.as_deref()
    }

    /// Marks an error that an event of the log has reported.
    pub(crate) fn logged(mut self) -> Self {
        self.0.is_logged = true;
        self
    }

    /// Whether an event of the log has reported this error, which must then not be logged again.
    pub(crate) fn is_logged(&self) -> bool {
        self.0.is_logged
    }

    /// Converts `error`, whose type is called `type_name` by the compiler.
    pub(crate) fn from_std(error: &dyn StdError, type_name: &str) -> Self {
        let sources = std::iter::successors(error.source(), |&error| error.source());
        let stack_trace = sources.take(MAX_SOURCES).map(ToString::to_string).collect();
        Self::of_type(error_type(type_name), error.to_string(), stack_trace)
    }
}

impl<E: StdError> From<E> for Error {
    fn from(error: E) -> Self {
        Self::from_std(&error, std::any::type_name::<E>())
    }
}

/// An [`Error`] as a [`std::error::Error`], for boxes and as the source of another error.
pub(crate) struct StdErrorAdapter(pub(crate) Error);

impl fmt::Debug for StdErrorAdapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl Display for StdErrorAdapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Display::fmt(&self.0, f)
    }
}

impl StdError for StdErrorAdapter {}

impl From<Error> for Box<dyn StdError> {
    fn from(error: Error) -> Self {
        Box::new(StdErrorAdapter(error))
    }
}

impl From<Error> for Box<dyn StdError + Send> {
    fn from(error: Error) -> Self {
        Box::new(StdErrorAdapter(error))
    }
}

impl From<Error> for Box<dyn StdError + Send + Sync> {
    fn from(error: Error) -> Self {
        Box::new(StdErrorAdapter(error))
    }
}

impl Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

/// One line: the error type, the message, and the stack trace.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", OneLine(&self.0.error_type), OneLine(&self.0.message))?;
        if !self.0.stack_trace.is_empty() {
            write!(f, " ({})", OneLine(&self.0.stack_trace.join("; ")))?;
        }
        Ok(())
    }
}

/// The stack trace of an [`Error`] as the field of an event. The alternate form is a JSON array, which the module
/// `logging` writes.
pub(crate) struct StackTrace<'a>(pub(crate) &'a [String]);

impl fmt::Debug for StackTrace<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match f.alternate() {
            true => f.write_str(&serde_json::to_string(self.0).unwrap_or_default()),
            false => fmt::Debug::fmt(self.0, f),
        }
    }
}

/// The JSON document of an error in Lambda's protocol.
impl Serialize for Error {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut json = serializer.serialize_struct("Error", 3)?;
        json.serialize_field("errorMessage", &self.0.message)?;
        json.serialize_field("errorType", &self.0.error_type)?;
        json.serialize_field("stackTrace", &self.0.stack_trace)?;
        json.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_become_the_stack_trace() {
        #[derive(Debug)]
        struct Outer(std::num::ParseIntError);
        impl Display for Outer {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("line 3 is not a number")
            }
        }
        impl StdError for Outer {
            fn source(&self) -> Option<&(dyn StdError + 'static)> {
                Some(&self.0)
            }
        }
        let error = Error::from(Outer("x".parse::<u8>().unwrap_err()));
        assert_eq!(
            serde_json::to_value(&error).unwrap(),
            serde_json::json!({
                "errorMessage": "line 3 is not a number",
                "errorType": "Function.Outer",
                "stackTrace": ["invalid digit found in string"],
            })
        );
    }

    #[test]
    fn question_mark_converts_to_boxed_errors() {
        fn fail() -> Result<(), Error> {
            Err(Error::new("no such order").with_type("Function.NotFound"))
        }
        fn boxed() -> Result<(), Box<dyn StdError>> {
            Ok(fail()?)
        }
        fn boxed_send() -> Result<(), Box<dyn StdError + Send>> {
            Ok(fail()?)
        }
        fn boxed_send_sync() -> Result<(), Box<dyn StdError + Send + Sync>> {
            Ok(fail()?)
        }
        assert_eq!(boxed().unwrap_err().to_string(), "no such order");
        assert_eq!(
            format!("{:?}", boxed().unwrap_err()),
            "Function.NotFound: no such order"
        );
        assert_eq!(boxed_send().unwrap_err().to_string(), "no such order");
        assert_eq!(boxed_send_sync().unwrap_err().to_string(), "no such order");
    }
}
