//! How an error in mid-stream reaches Lambda: as HTTP trailers, after the last chunk.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderValue};

use crate::error::{Error, encoding};
use crate::protocol::{ERROR_BODY, ERROR_TYPE, MAX_TRAILERS_LENGTH};

pub(crate) fn trailers(error: &Error) -> HeaderMap {
    let error_type = error_type(error);
    let around = ERROR_TYPE.as_str().len() + ERROR_BODY.as_str().len() + 2 * ": \r\n".len() + "\r\n".len();
    let base64 = MAX_TRAILERS_LENGTH.saturating_sub(around + error_type.len());
    let json = encoding::json(error, base64 / 4 * 3);
    let mut trailers = HeaderMap::with_capacity(2);
    trailers.insert(ERROR_TYPE, error_type);
    // Base64 is plain ASCII; the fallback is for the types alone.
    if let Ok(body) = HeaderValue::try_from(STANDARD.encode(json)) {
        trailers.insert(ERROR_BODY, body);
    }
    trailers
}

/// The error type as a header can hold it: visible ASCII, whatever the error says. No line end gets into the framing.
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
    fn the_body_is_base64_of_the_errors_json() {
        let trailers = trailers(&Error::new("a\r\nb \"ü\"\0"));
        assert_eq!(trailers[ERROR_TYPE], "Function.Error");
        let json = STANDARD.decode(&trailers[ERROR_BODY]).unwrap();
        let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
        assert_eq!(
            json,
            serde_json::json!({"errorMessage": "a\r\nb \"ü\"\0", "errorType": "Function.Error", "stackTrace": []})
        );
    }

    #[test]
    fn the_section_is_never_longer_than_lambda_takes() {
        let section = |trailers: &HeaderMap| {
            let lines = trailers
                .iter()
                .map(|(name, value)| name.as_str().len() + value.len() + 4);
            lines.sum::<usize>() + 2
        };
        for letter in ["x", "\"", "\0", "ü"] {
            let error = Error::new(letter.repeat(100_000)).with_type(letter.repeat(1_000));
            let section = section(&trailers(&error));
            assert!(
                (MAX_TRAILERS_LENGTH - 100..=MAX_TRAILERS_LENGTH).contains(&section),
                "{letter:?}: {section} bytes"
            );
        }
    }

    #[test]
    fn the_type_is_visible_ascii_whatever_it_was() {
        let of = |text: &str| error_type(&Error::new("").with_type(text));
        assert_eq!(of("Order.Not\r\nX-Evil: 1"), "Order.NotX-Evil:1");
        assert_eq!(of("Öl.Leck"), "l.Leck");
        assert_eq!(of("\r\n\0 "), "Function.Error");
    }
}
