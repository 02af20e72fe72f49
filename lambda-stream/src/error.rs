//! What can go wrong, in the words of whoever is told.
//!
//! [`Error`] is for the caller of a function, [`StreamError`] for a handler that writes. Nothing here knows how an error
//! travels.

pub(crate) mod encoding;
mod into_error;
mod stream_error;

use std::borrow::Cow;
use std::fmt::{self, Display};

use serde::{Serialize, Serializer, ser::SerializeStruct};

pub use self::into_error::IntoError;
pub use self::stream_error::{Closed, StreamError};
use crate::logging::OneLine;

/// How many sources of an error are asked for their text. An error may be its own source, and the chain without an end.
const LONGEST_CHAIN: usize = 1000;

/// What the caller of a function is told when an invocation fails.
///
/// It travels as a type, a message and a stack trace: as the body of `POST …/error` when nothing of the response had
/// been sent, else as HTTP trailers. Every [`std::error::Error`] becomes one through `?`: its own type name, led by
/// `Function.`, is the error type, its text the message, and the chain of its sources the stack trace.
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
/// What Lambda is told is cut where it is too long: of the type 256 bytes, of all of it 64 KiB, and as trailers some 3 KiB.
/// What is cut says so, and how much is missing. The log has it whole.
///
/// It is not itself a [`std::error::Error`]: only so can every other error be turned into it.
pub struct Error(Box<Parts>);

struct Parts {
    error_type: Cow<'static, str>,
    message: String,
    stack_trace: Vec<String>,
}

impl Error {
    /// An error of type `Function.Error` that says `message`.
    pub fn new(message: impl Display) -> Self {
        Self::of_type(Cow::Borrowed("Function.Error"), message.to_string(), Vec::new())
    }

    /// Replaces the error type, which goes out as it is given but for what a header cannot hold.
    ///
    /// Lambda's form is `Category.Reason`. Lambda Managed Instances keep only `Function.` or `Runtime.` followed by
    /// letters, and turn every other type into `Runtime.Unknown`.
    #[must_use]
    pub fn with_type(mut self, error_type: impl Into<String>) -> Self {
        self.0.error_type = Cow::Owned(error_type.into());
        self
    }

    /// The error type, such as `Function.ParseIntError`.
    pub fn error_type(&self) -> &str {
        &self.0.error_type
    }

    /// The chain of sources, outermost first; for a panic, the place in the source code.
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
        }))
    }

    /// Renders `error`, whose type is called `type_name` by the compiler.
    pub(crate) fn render(error: &dyn std::error::Error, type_name: &str) -> Self {
        let sources = std::iter::successors(error.source(), |error| error.source());
        let stack_trace = sources.take(LONGEST_CHAIN).map(ToString::to_string).collect();
        Self::of_type(
            format!("Function.{}", last_segment(type_name)),
            error.to_string(),
            stack_trace,
        )
    }
}

impl<E: std::error::Error> From<E> for Error {
    fn from(error: E) -> Self {
        Self::render(&error, std::any::type_name::<E>())
    }
}

impl Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

/// One line: the type, the message, and what caused it.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", OneLine(&self.0.error_type), OneLine(&self.0.message))?;
        if !self.0.stack_trace.is_empty() {
            write!(f, " ({})", OneLine(&self.0.stack_trace.join("; ")))?;
        }
        Ok(())
    }
}

/// The JSON that Lambda takes as the description of an error.
impl Serialize for Error {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut json = serializer.serialize_struct("Error", 3)?;
        json.serialize_field("errorMessage", &self.0.message)?;
        json.serialize_field("errorType", &self.0.error_type)?;
        json.serialize_field("stackTrace", &self.0.stack_trace)?;
        json.end()
    }
}

/// `ParseError` for `my_crate::parse::ParseError<'_, alloc::string::String>`.
///
/// Letters only: Lambda Managed Instances turn a type with any other character into `Runtime.Unknown`.
fn last_segment(type_name: &str) -> String {
    let path = type_name.split('<').next().unwrap_or_default();
    let name = path.rsplit("::").next().unwrap_or_default();
    let letters: String = name.chars().filter(char::is_ascii_alphabetic).collect();
    if letters.is_empty() {
        "Error".to_owned()
    } else {
        letters
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_name_is_the_last_segment_in_letters() {
        assert_eq!(last_segment("core::num::error::ParseIntError"), "ParseIntError");
        assert_eq!(last_segment("a::Wrapper<b::Inner<c::D>>"), "Wrapper");
        assert_eq!(last_segment("&app::Http2_Error"), "HttpError");
        assert_eq!(last_segment("app::Ошибка"), "Error");
        assert_eq!(last_segment("<fn() as a::B>::C"), "Error");
    }

    #[test]
    fn sources_become_the_stack_trace() {
        #[derive(Debug)]
        struct Outer(std::num::ParseIntError);
        impl Display for Outer {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("line 3 is no number")
            }
        }
        impl std::error::Error for Outer {
            fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
                Some(&self.0)
            }
        }
        let error = Error::from(Outer("x".parse::<u8>().unwrap_err()));
        assert_eq!(
            serde_json::to_value(&error).unwrap(),
            serde_json::json!({
                "errorMessage": "line 3 is no number",
                "errorType": "Function.Outer",
                "stackTrace": ["invalid digit found in string"],
            })
        );
    }
}
