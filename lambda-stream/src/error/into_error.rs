//! The types that a handler can return as an error, and how each is converted to an [`Error`].

use std::borrow::Cow;
use std::error::Error as StdError;

use super::{Error, StdErrorAdapter};

/// The markers of [`IntoError`], which the compiler infers.
pub(crate) mod marker {
    /// A type whose name becomes the error type.
    #[derive(Debug)]
    pub enum Std {}
    /// A type whose name says nothing about the error.
    #[derive(Debug)]
    pub enum Other {}
}

/// An error that a handler can return.
///
/// It is implemented for any [`std::error::Error`], `Box<dyn std::error::Error>` (also with `Send` or `Send + Sync`),
/// `String`, `&'static str`, `Cow<'static, str>`, `anyhow::Error` (feature `anyhow`) and [`Error`].
///
/// The compiler infers the marker `M`. An implementation for your own type uses a marker type of your own.
///
/// # Examples
/// ```
/// use lambda_stream::{Error, IntoError};
///
/// /// An error with a type that callers know.
/// struct NotFound(u32);
///
/// enum NotFoundMarker {}
///
/// impl IntoError<NotFoundMarker> for NotFound {
///     fn into_error(self) -> Error {
///         Error::new(format!("no order {}", self.0)).with_type("Function.NotFound")
///     }
/// }
///
/// async fn handler(order: u32) -> Result<String, NotFound> {
///     Err(NotFound(order))
/// }
/// # let _ = handler;
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of a handler",
    label = "`{Self}` does not implement `std::error::Error`",
    note = "write `impl std::error::Error for {Self}`, or return a `lambda_stream::Error`",
    note = "to send a status, return an `http::Response`; beside other responses, in a `lambda_stream::AnyResponse`",
    note = "a `Box<dyn std::error::Error>`, a `String`, a `&'static str` and an `anyhow::Error` (feature `anyhow`) are errors, too"
)]
pub trait IntoError<M> {
    /// Converts the error to the one that is reported to the caller.
    fn into_error(self) -> Error;
}

#[diagnostic::do_not_recommend]
impl<E: StdError> IntoError<marker::Std> for E {
    fn into_error(self) -> Error {
        Error::from(self)
    }
}

#[diagnostic::do_not_recommend]
impl IntoError<marker::Other> for Error {
    fn into_error(self) -> Error {
        self
    }
}

macro_rules! impl_into_error_for_strings {
    ($($type:ty)*) => {$(
        #[diagnostic::do_not_recommend]
        impl IntoError<marker::Other> for $type {
            fn into_error(self) -> Error {
                Error::new(self)
            }
        }
    )*};
}
impl_into_error_for_strings!(String &'static str Cow<'static, str>);

macro_rules! impl_into_error_for_boxes {
    ($($type:ty)*) => {$(
        #[diagnostic::do_not_recommend]
        impl IntoError<marker::Other> for $type {
            fn into_error(self) -> Error {
                match self.downcast::<StdErrorAdapter>() {
                    Ok(adapter) => adapter.0,
                    Err(error) => Error::from_std(&*error, "Error"),
                }
            }
        }
    )*};
}
impl_into_error_for_boxes!(Box<dyn StdError> Box<dyn StdError + Send> Box<dyn StdError + Send + Sync>);

#[cfg(feature = "anyhow")]
#[diagnostic::do_not_recommend]
impl IntoError<marker::Other> for anyhow::Error {
    fn into_error(self) -> Error {
        Error::from_std(&*self, "Error")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The error type, message and stack trace of the converted error.
    fn converted<M>(error: impl IntoError<M>) -> (String, String, Vec<String>) {
        let error = error.into_error();
        (
            error.error_type().to_owned(),
            error.to_string(),
            error.stack_trace().to_vec(),
        )
    }

    #[test]
    fn every_form_is_converted_with_what_is_known_of_it() {
        let parse = || "x".parse::<u8>().unwrap_err();
        let message = "invalid digit found in string".to_owned();
        assert_eq!(
            converted(parse()),
            ("Function.ParseIntError".to_owned(), message.clone(), vec![])
        );
        let other = ("Function.Error".to_owned(), message.clone(), vec![]);
        assert_eq!(converted(Box::<dyn StdError>::from(parse())), other);
        assert_eq!(converted(Box::<dyn StdError + Send + Sync>::from(parse())), other);
        assert_eq!(converted(message.clone()), other);
        assert_eq!(converted("invalid digit found in string"), other);
        assert_eq!(converted(Cow::Borrowed("invalid digit found in string")), other);
        assert_eq!(converted(Error::new(message).with_type("Order.Late")).0, "Order.Late");
    }

    #[test]
    fn boxed_error_keeps_its_type_and_stack_trace() {
        let error = || Error::of_type("Order.Late", "too late", vec!["the train".to_owned()]);
        let expected = converted(error());
        assert_eq!(converted(Box::<dyn StdError>::from(error())), expected);
        assert_eq!(converted(Box::<dyn StdError + Send>::from(error())), expected);
        assert_eq!(converted(Box::<dyn StdError + Send + Sync>::from(error())), expected);
    }

    #[test]
    #[cfg(feature = "anyhow")]
    fn context_of_an_anyhow_error_is_its_stack_trace() {
        let error = anyhow::Error::from("x".parse::<u8>().unwrap_err()).context("line 3");
        let chain = vec!["invalid digit found in string".to_owned()];
        assert_eq!(
            converted(error),
            ("Function.Error".to_owned(), "line 3".to_owned(), chain)
        );
    }
}
