//! Encodes an error as the HTTP trailers of a response that has already started.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderValue};

use crate::error::{Error, encoding};
use crate::protocol::{ERROR_BODY, ERROR_TYPE, MAX_TRAILERS_LENGTH};

/// Returns the trailers that report `error`. The trailer section has at most [`MAX_TRAILERS_LENGTH`] bytes.
pub(crate) fn error_trailers(error: &Error) -> HeaderMap {
    let error_type = error_type(error);
    let framing_length = ERROR_TYPE.as_str().len() + ERROR_BODY.as_str().len() + 2 * ": \r\n".len() + "\r\n".len();
    let base64_length = MAX_TRAILERS_LENGTH.saturating_sub(framing_length + error_type.len());
    let json = encoding::json(error, base64_length / 4 * 3);
    let mut trailers = HeaderMap::with_capacity(2);
    trailers.insert(ERROR_TYPE, error_type);
    // Base64 is ASCII, so the conversion always succeeds.
    if let Ok(body) = HeaderValue::try_from(STANDARD.encode(json)) {
        trailers.insert(ERROR_BODY, body);
    }
    trailers
}

/// Returns the error type as a header value: only its visible ASCII characters, so that it cannot contain a line break.
pub(crate) fn error_type(error: &Error) -> HeaderValue {
    let visible: String = encoding::error_type(error)
        .chars()
        .filter(char::is_ascii_graphic)
        .collect();
    match HeaderValue::try_from(visible) {
        Ok(value) if !value.is_empty() => value,
        _ => HeaderValue::from_static("Function.Error"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn body_trailer_is_base64_of_json() {
        let trailers = error_trailers(&Error::new("a\r\nb \"ü\"\0"));
        assert_eq!(trailers[ERROR_TYPE], "Function.Error");
        let json = STANDARD.decode(&trailers[ERROR_BODY]).unwrap();
        let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
        assert_eq!(
            json,
            serde_json::json!({"errorMessage": "a\r\nb \"ü\"\0", "errorType": "Function.Error", "stackTrace": []})
        );
    }

    fn section_length(trailers: &HeaderMap) -> usize {
        let lines = trailers
            .iter()
            .map(|(name, value)| name.as_str().len() + value.len() + 4);
        lines.sum::<usize>() + 2
    }

    #[test]
    fn trailer_section_fits_lambda_limit() {
        for character in ["x", "\"", "\0", "ü"] {
            let error = Error::new(character.repeat(100_000)).with_type(character.repeat(1_000));
            let length = section_length(&error_trailers(&error));
            assert!(
                (MAX_TRAILERS_LENGTH - 100..=MAX_TRAILERS_LENGTH).contains(&length),
                "{character:?}: {length} bytes"
            );
        }
    }

    /// Base64 has a length that is a multiple of four, so one error type of each length modulo four is checked.
    #[test]
    fn longest_complete_message_fits_lambda_limit() {
        for error_type in ["Function.A", "Function.Ab", "Function.Abc", "Function.Abcd"] {
            let section_lengths = (2_800..3_000).map(|length| {
                let error = Error::new("x".repeat(length)).with_type(error_type);
                section_length(&error_trailers(&error))
            });
            let longest = section_lengths.max().unwrap();
            assert!(
                (MAX_TRAILERS_LENGTH - 3..=MAX_TRAILERS_LENGTH).contains(&longest),
                "{error_type}: {longest} bytes"
            );
        }
    }

    #[test]
    fn type_trailer_is_visible_ascii() {
        let header = |text: &str| error_type(&Error::new("").with_type(text));
        assert_eq!(header("Order.Not\r\nX-Evil: 1"), "Order.NotX-Evil:1");
        assert_eq!(header("Öl.Leck"), "l.Leck");
        assert_eq!(header("\r\n\0 "), "Function.Error");
    }
}
