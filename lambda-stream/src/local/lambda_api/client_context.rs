//! Decodes the client context: data about the caller, which the function receives as JSON.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::error::ApiError;

/// The longest client context, in bytes of base64.
const MAX_LENGTH: usize = 3583;

/// Returns the client context as JSON that can be the value of a header.
///
/// # Errors
/// Returns an error if it is too long, or not the base64 of a JSON object.
pub(super) fn decode(base64: &str) -> Result<String, ApiError> {
    if base64.len() > MAX_LENGTH {
        return Err(ApiError::invalid_content(format!(
            "Client context must be no more than {MAX_LENGTH} bytes."
        )));
    }
    let json = STANDARD
        .decode(base64)
        .ok()
        .and_then(|json| String::from_utf8(json).ok());
    let is_object = |json: &String| serde_json::from_str::<serde_json::Map<_, _>>(json).is_ok();
    match json.filter(is_object) {
        Some(json) => Ok(to_header_text(&json)),
        None => Err(ApiError::invalid_content(
            "Client context must be a valid Base64-encoded JSON object.",
        )),
    }
}

/// Replaces the characters of JSON that a header value cannot contain. Its meaning stays the same: control characters are
/// white space between tokens, and characters that are not ASCII are in strings.
fn to_header_text(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            '\t' | '\r' | '\n' => text.push(' '),
            ' '..='~' => text.push(character),
            _ => {
                let mut units = [0; 2];
                for unit in character.encode_utf16(&mut units) {
                    text.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn client_context_becomes_ascii_json() {
        let json = "{\"custom\":\r\n\t{\"a\u{7f}\":\"é😀\"}}";
        let decoded = decode(&STANDARD.encode(json)).unwrap();
        assert_eq!(decoded, r#"{"custom":   {"a\u007f":"\u00e9\ud83d\ude00"}}"#);
        let value = |json: &str| serde_json::from_str::<serde_json::Value>(json).unwrap();
        assert_eq!(value(&decoded), value(json));
    }

    #[test]
    fn invalid_client_context_is_rejected() {
        for json in ["", "[]", "1", "{", "{\"a\":\"\n\"}"] {
            assert!(decode(&STANDARD.encode(json)).is_err(), "{json}");
        }
        assert!(decode("{}").is_err());
        let object = |length| STANDARD.encode(format!("{{\"a\":\"{}\"}}", "x".repeat(length)));
        assert!(decode(&object(2677)).is_ok());
        assert!(decode(&object(2678)).is_err());
    }
}
