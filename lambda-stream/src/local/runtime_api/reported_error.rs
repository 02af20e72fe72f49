//! Decodes the errors that a function reports, in the trailers of a streaming response and in the body of a POST.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::TRAILER;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;

use super::super::activity::event::InvocationError;
use crate::protocol::{ERROR_BODY, ERROR_TYPE};

/// Returns the length of a trailer section with its final CRLF, in bytes.
pub(super) fn trailers_length(trailers: &HeaderMap) -> usize {
    let line = |(name, value): (&HeaderName, &HeaderValue)| name.as_str().len() + value.len() + ": \r\n".len();
    trailers.iter().map(line).sum::<usize>() + "\r\n".len()
}

/// What the trailers of a response contain.
#[derive(Debug, Default)]
pub(super) struct Trailers {
    pub(super) error: Option<InvocationError>,
    /// Explains the trailers that Lambda ignores.
    pub(super) problems: Vec<String>,
}

/// Decodes the trailers. As on Lambda, trailers that the `Trailer` header does not declare are ignored.
pub(super) fn decode_trailers(headers: &HeaderMap, trailers: &HeaderMap) -> Trailers {
    let is_declared = |name: &HeaderName| {
        let lists = headers.get_all(TRAILER).iter();
        lists
            .flat_map(|list| list.as_bytes().split(|byte| *byte == b','))
            .any(|item| item.trim_ascii().eq_ignore_ascii_case(name.as_str().as_bytes()))
    };
    let mut problems = Vec::new();
    for name in [ERROR_TYPE, ERROR_BODY] {
        if trailers.contains_key(&name) && !is_declared(&name) {
            problems.push(format!(
                "the trailer `{name}` is ignored, so the caller does not see the error: declare it before the body, in \
                 the header `Trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body`"
            ));
        }
    }
    let trailer = |name: HeaderName| trailers.get(&name).filter(|_| is_declared(&name));
    let body = trailer(ERROR_BODY);
    let Some(error_type) = trailer(ERROR_TYPE) else {
        if body.is_some() && problems.is_empty() {
            problems.push(format!(
                "the trailer `{ERROR_BODY}` is ignored, so the caller does not see the error: also send the trailer \
                 `{ERROR_TYPE}`"
            ));
        }
        return Trailers { error: None, problems };
    };
    let json = match body.map(|body| STANDARD.decode(body.as_bytes())) {
        Some(Ok(json)) => json,
        Some(Err(error)) => {
            problems.push(format!(
                "the trailer `{ERROR_BODY}` is ignored, since it is not valid base64 ({error}): encode the JSON of the \
                 error as base64 with padding"
            ));
            Vec::new()
        }
        None => Vec::new(),
    };
    Trailers {
        error: Some(decode_error(Some(error_type.as_bytes()), &json)),
        problems,
    }
}

/// Decodes an error. The error type of the header takes precedence over the one in the JSON.
pub(super) fn decode_error(error_type: Option<&[u8]>, json: &[u8]) -> InvocationError {
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    struct Description {
        error_type: Option<String>,
        error_message: Option<String>,
    }
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    let description: Description = serde_json::from_slice(json).unwrap_or_else(|_| Description {
        error_message: Some(text(json)),
        ..Description::default()
    });
    InvocationError {
        error_type: error_type
            .map(text)
            .or(description.error_type)
            .unwrap_or_else(|| "Runtime.Unknown".to_owned()),
        message: description.error_message.unwrap_or_default(),
        json: Bytes::copy_from_slice(json),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPE: &str = "lambda-runtime-function-error-type";
    const BODY: &str = "lambda-runtime-function-error-body";

    fn map(lines: &[(&str, &str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in lines {
            map.append(HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
        }
        map
    }

    fn decode(declared: &[&str], trailers: &[(&str, &str)]) -> Trailers {
        let declared: Vec<_> = declared.iter().map(|list| ("trailer", *list)).collect();
        decode_trailers(&map(&declared), &map(trailers))
    }

    #[test]
    fn declared_trailers_are_an_error() {
        let both = [(TYPE, "Function.A"), (BODY, "Yg==")];
        let declared = ["X-Other", "x, Lambda-Runtime-Function-Error-Type", BODY];
        let trailers = decode(&declared, &both);
        let error = trailers.error.unwrap();
        assert_eq!((error.error_type.as_str(), error.message.as_str()), ("Function.A", "b"));
        assert_eq!(trailers.problems, [""; 0]);
        assert_eq!(decode(&declared, &[]).problems, [""; 0]);
    }

    #[test]
    fn ignored_trailers_are_explained() {
        let both = [(TYPE, "Function.A"), (BODY, "Yg==")];
        let undeclared = decode(&["X-Other"], &both);
        assert_eq!(undeclared.error, None);
        assert_eq!(undeclared.problems.len(), 2);
        assert!(undeclared.problems[0].contains("`lambda-runtime-function-error-type` is ignored"));
        assert!(undeclared.problems[0].contains("declare it"));

        let only_type = decode(&["lambda-runtime-function-error-type"], &both);
        assert_eq!(only_type.error.unwrap().message, "");
        assert!(only_type.problems[0].contains("`lambda-runtime-function-error-body` is ignored"));

        let declared = ["lambda-runtime-function-error-type, lambda-runtime-function-error-body"];
        let no_type = decode(&declared, &both[1..]);
        assert_eq!(no_type.error, None);
        assert!(no_type.problems[0].contains("also send the trailer"), "{no_type:?}");

        let not_base64 = decode(&declared, &[both[0], (BODY, "{}")]);
        assert_eq!(not_base64.error.unwrap().error_type, "Function.A");
        assert!(not_base64.problems[0].contains("not valid base64"));
    }

    #[test]
    fn length_of_trailers_includes_line_ends() {
        assert_eq!(trailers_length(&HeaderMap::new()), 2);
        assert_eq!(
            trailers_length(&map(&[("a", "b"), ("a", "c")])),
            "a: b\r\na: c\r\n\r\n".len()
        );
    }
}
