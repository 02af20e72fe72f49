//! Parses the name of a function: a name, a partial ARN or a full ARN, each with or without a version or alias.

use http::StatusCode;
use percent_encoding::percent_decode_str;

use super::error::ApiError;

/// The maximum length of a name with all its parts, in bytes.
const MAX_NAME_LENGTH: usize = 256;

/// The maximum length of a version or alias, in bytes.
const MAX_QUALIFIER_LENGTH: usize = 128;

/// The name under which a caller invokes the function.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FunctionName {
    /// The name or ARN as the caller sent it, followed by the qualifier.
    pub(super) text: String,
    /// The version or alias.
    pub(super) qualifier: Option<String>,
}

impl FunctionName {
    /// Parses the segment of the path, and the parameter `Qualifier` of the query.
    ///
    /// # Errors
    /// Returns the errors that Lambda returns for a malformed name, for a malformed qualifier, and for two different
    /// qualifiers.
    pub(super) fn parse(segment: &str, query: Option<&str>) -> Result<Self, ApiError> {
        let decoded = percent_decode_str(segment).decode_utf8_lossy();
        let in_name = parse_name(&decoded).ok_or_else(|| {
            let constraint = "Member must be a function name, a partial ARN such as 123456789012:function:NAME, or an \
                              ARN such as arn:aws:lambda:us-east-1:123456789012:function:NAME, each optionally \
                              followed by a colon and a version or alias";
            ApiError::validation("functionName", &decoded, constraint)
        })?;
        let in_query = form_urlencoded::parse(query.unwrap_or_default().as_bytes())
            .find(|(name, _)| name == "Qualifier")
            .map(|(_, value)| value)
            .filter(|value| !value.is_empty());
        if let Some(qualifier) = in_query.as_deref().filter(|qualifier| !is_qualifier(qualifier)) {
            let constraint =
                "Member must satisfy regular expression pattern: \\$(LATEST(\\.PUBLISHED)?)|[a-zA-Z0-9-_$]+";
            return Err(ApiError::validation("qualifier", qualifier, constraint));
        }
        match (in_name, in_query) {
            (Some(in_name), Some(in_query)) if in_name != in_query => Err(ApiError::new(
                StatusCode::BAD_REQUEST,
                "InvalidParameterValueException",
                "The derived qualifier from the function name does not match the specified qualifier.",
            )),
            (None, Some(qualifier)) => Ok(Self {
                text: format!("{decoded}:{qualifier}"),
                qualifier: Some(qualifier.into_owned()),
            }),
            (in_name, _) => Ok(Self {
                qualifier: in_name.map(str::to_owned),
                text: decoded.into_owned(),
            }),
        }
    }
}

/// Returns the qualifier in a name. Returns `None` if the name is not valid.
///
/// The parts before the name are optional: `arn:PARTITION:lambda`, the region, the account and `function`.
fn parse_name(text: &str) -> Option<Option<&str>> {
    if text.len() > MAX_NAME_LENGTH {
        return None;
    }
    let parts: Vec<&str> = text.split(':').collect();
    let mut rest = parts.as_slice();
    if let ["arn", partition, "lambda", after @ ..] = rest {
        if !partition.starts_with("aws") {
            return None;
        }
        rest = after;
    }
    for is_part in [is_region, is_account, |part: &str| part == "function"] {
        // The last part is the name, even if it looks like a region.
        if let [first, after @ ..] = rest {
            if !after.is_empty() && is_part(first) {
                rest = after;
            }
        }
    }
    match rest {
        [name] if is_name(name) => Some(None),
        [name, qualifier] if is_name(name) && is_qualifier(qualifier) => Some(Some(qualifier)),
        _ => None,
    }
}

fn is_region(part: &str) -> bool {
    // Such as `us-east-1` and `us-gov-west-1`.
    let has_number = part.ends_with(|last: char| last.is_ascii_digit());
    let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    has_number && part.matches('-').count() >= 2 && part.bytes().all(is_allowed)
}

fn is_account(part: &str) -> bool {
    part.len() == 12 && part.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_name(part: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    !part.is_empty() && part.bytes().all(is_allowed)
}

fn is_qualifier(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_$".contains(&byte);
    let has_valid_length = (1..=MAX_QUALIFIER_LENGTH).contains(&text.len());
    has_valid_length && (text.bytes().all(is_allowed) || text == "$LATEST.PUBLISHED")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn qualifier(segment: &str, query: &str) -> Option<String> {
        FunctionName::parse(segment, Some(query)).unwrap().qualifier
    }

    #[test]
    fn each_form_of_a_name_is_accepted() {
        for prefix in [
            "",
            "function:",
            "123456789012:function:",
            "us-east-1:123456789012:function:",
            "arn:aws:lambda:eu-central-1:123456789012:function:",
            "arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:",
        ] {
            for name in ["my-function", "My_Function.2", "function", "us-east-1", "123456789012"] {
                assert_eq!(qualifier(&format!("{prefix}{name}"), ""), None, "{prefix}{name}");
            }
            for expected in ["$LATEST", "7", "prod_a-b", "$LATEST.PUBLISHED"] {
                let segment = format!("{prefix}my-function:{expected}")
                    .replace(':', "%3A")
                    .replace('$', "%24");
                assert_eq!(qualifier(&segment, "").as_deref(), Some(expected), "{segment}");
            }
        }
    }

    #[test]
    fn qualifier_in_query_is_part_of_the_text() {
        let name = FunctionName::parse("a", Some("x=y&Qualifier=%24LATEST")).unwrap();
        assert_eq!(
            (name.text.as_str(), name.qualifier.as_deref()),
            ("a:$LATEST", Some("$LATEST"))
        );
        assert_eq!(qualifier("a:1", "Qualifier=1").as_deref(), Some("1"));
        assert_eq!(qualifier("a", "Qualifier="), None);
        let error = FunctionName::parse("a:1", Some("Qualifier=2")).unwrap_err();
        assert!(
            format!("{error:?}").contains("InvalidParameterValueException"),
            "{error:?}"
        );
    }

    #[test]
    fn invalid_names_and_qualifiers_are_rejected() {
        let long = "a".repeat(MAX_NAME_LENGTH + 1);
        for segment in [
            "",
            ":",
            "a:",
            ":1",
            "a:b:c",
            "a%20b",
            "a%2Fb",
            "%FF",
            "a%0Ab",
            "arn:gcp:lambda:a",
            "ä",
            &long,
        ] {
            assert!(FunctionName::parse(segment, None).is_err(), "{segment}");
        }
        for query in ["Qualifier=a.b", "Qualifier=a%20b", "Qualifier=%0A"] {
            assert!(FunctionName::parse("a", Some(query)).is_err(), "{query}");
        }
    }
}
