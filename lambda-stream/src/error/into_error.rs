//! Which types can be the error of a handler, and how each is told to the caller.

use std::error::Error as StdError;

use super::Error;

/// The markers of [`IntoError`], which the compiler infers.
pub(crate) mod marker {
    /// A type of its own, whose name becomes the error type.
    #[derive(Debug)]
    pub enum Std {}
    /// A type that tells nothing by its name.
    #[derive(Debug)]
    pub enum Other {}
}

/// An error that a handler may return: any [`std::error::Error`], a `Box<dyn std::error::Error>`, a `String`, an
/// `anyhow::Error` (feature `anyhow`) or an [`Error`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of a handler",
    note = "it is any `std::error::Error`, a `Box<dyn Error>`, `String`, `anyhow::Error` (feature `anyhow`) or `lambda_stream::Error`"
)]
pub trait IntoError<K> {
    /// What the caller is told.
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

#[diagnostic::do_not_recommend]
impl IntoError<marker::Other> for String {
    fn into_error(self) -> Error {
        Error::new(self)
    }
}

#[diagnostic::do_not_recommend]
impl IntoError<marker::Other> for Box<dyn StdError> {
    fn into_error(self) -> Error {
        Error::render(&*self, "Error")
    }
}

#[diagnostic::do_not_recommend]
impl IntoError<marker::Other> for Box<dyn StdError + Send + Sync> {
    fn into_error(self) -> Error {
        Error::render(&*self, "Error")
    }
}

#[cfg(feature = "anyhow")]
#[diagnostic::do_not_recommend]
impl IntoError<marker::Other> for anyhow::Error {
    fn into_error(self) -> Error {
        Error::render(&*self, "Error")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told<K>(error: impl IntoError<K>) -> (String, String, Vec<String>) {
        let error = error.into_error();
        (
            error.error_type().to_owned(),
            error.to_string(),
            error.stack_trace().to_vec(),
        )
    }

    #[test]
    fn every_form_is_told_with_what_is_known_of_it() {
        let parse = || "x".parse::<u8>().unwrap_err();
        let message = "invalid digit found in string".to_owned();
        assert_eq!(
            told(parse()),
            ("Function.ParseIntError".to_owned(), message.clone(), vec![])
        );
        let other = ("Function.Error".to_owned(), message.clone(), vec![]);
        assert_eq!(told(Box::<dyn StdError>::from(parse())), other);
        assert_eq!(told(Box::<dyn StdError + Send + Sync>::from(parse())), other);
        assert_eq!(told(message.clone()), other);
        assert_eq!(told(Error::new(message).with_type("Order.Late")).0, "Order.Late");
    }

    #[test]
    #[cfg(feature = "anyhow")]
    fn the_context_of_an_anyhow_error_is_its_stack_trace() {
        let error = anyhow::Error::from("x".parse::<u8>().unwrap_err()).context("line 3");
        let chain = vec!["invalid digit found in string".to_owned()];
        assert_eq!(told(error), ("Function.Error".to_owned(), "line 3".to_owned(), chain));
    }
}
