//! Lambda's error type for the name of a Rust type.

use super::DEFAULT_ERROR_TYPE;

/// Returns the error type for `type_name`, as [`std::any::type_name`] returns it: `Function.` and the last segment of its
/// path.
///
/// A last segment that is just `Error` says nothing, so the name of the crate is put in front of it.
pub(super) fn error_type(type_name: &str) -> String {
    let path = type_name.split('<').next().unwrap_or_default();
    let segments: Vec<&str> = path.trim_start_matches('&').split("::").collect();
    let name = match segments.as_slice() {
        // The standard library has an `Error` in several modules.
        ["std" | "core" | "alloc", module, .., "Error"] => camel_case(module) + "Error",
        [krate, .., "Error"] => camel_case(krate) + "Error",
        [.., last] => last.chars().filter(|letter| is_kept(*letter)).collect(),
        [] => String::new(),
    };
    if is_recognized(&name) {
        return format!("Function.{name}");
    }
    let letters: String = name.chars().filter(char::is_ascii_alphabetic).collect();
    let capitalized = camel_case(&letters);
    match is_recognized(&capitalized) {
        true => format!("Function.{capitalized}"),
        false => DEFAULT_ERROR_TYPE.to_owned(),
    }
}

fn is_kept(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

/// Whether Lambda Managed Instances keep `Function.{name}`. Their pattern is `(Runtime|Function)\.[A-Z][a-zA-Z]+`, not
/// anchored: after two letters, any character passes.
fn is_recognized(name: &str) -> bool {
    matches!(name.as_bytes(), [first, second, ..] if first.is_ascii_uppercase() && second.is_ascii_alphabetic())
}

/// `SerdeJson` for `serde_json`.
fn camel_case(snake_case: &str) -> String {
    let mut camel_case = String::new();
    for word in snake_case.split('_') {
        let mut letters = word.chars().filter(|letter| is_kept(*letter));
        camel_case.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        camel_case.extend(letters);
    }
    camel_case
}

#[cfg(test)]
mod tests {
    use super::error_type;

    #[test]
    fn last_segment_is_the_error_type() {
        let cases = [
            ("core::num::error::ParseIntError", "Function.ParseIntError"),
            ("a::Wrapper<b::Inner<c::D>>", "Function.Wrapper"),
            ("&app::Http2_Error", "Function.Http2_Error"),
            ("app::Upstream2Gone", "Function.Upstream2Gone"),
            ("app::main::{{closure}}::Lost", "Function.Lost"),
            // A header contains only ASCII.
            ("app::Größe", "Function.Gre"),
        ];
        for (type_name, expected) in cases {
            assert_eq!(error_type(type_name), expected, "{type_name}");
        }
    }

    #[test]
    fn error_without_a_name_gets_its_crate() {
        let cases = [
            ("serde_json::error::Error", "Function.SerdeJsonError"),
            ("reqwest::error::Error", "Function.ReqwestError"),
            ("aws_sdk_s3::error::Error", "Function.AwsSdkS3Error"),
            ("app::Error", "Function.AppError"),
            ("app::parse::Error<alloc::string::String>", "Function.AppError"),
            ("std::io::error::Error", "Function.IoError"),
            ("core::fmt::Error", "Function.FmtError"),
            ("Error", "Function.Error"),
        ];
        for (type_name, expected) in cases {
            assert_eq!(error_type(type_name), expected, "{type_name}");
        }
        assert_eq!(
            error_type(std::any::type_name::<serde_json::Error>()),
            "Function.SerdeJsonError"
        );
        assert_eq!(
            error_type(std::any::type_name::<reqwest::Error>()),
            "Function.ReqwestError"
        );
        assert_eq!(error_type(std::any::type_name::<std::io::Error>()), "Function.IoError");
        assert_eq!(
            error_type(std::any::type_name::<std::fmt::Error>()),
            "Function.FmtError"
        );
    }

    #[test]
    fn every_error_type_is_one_that_managed_instances_keep() {
        let cases = [
            ("app::E2", "Function.Error"),
            ("app::E2Big", "Function.EBig"),
            ("app::E_Fail", "Function.EFail"),
            ("app::error_code", "Function.Errorcode"),
            ("app::Ошибка", "Function.Error"),
            ("<fn() as a::B>::C", "Function.Error"),
            ("", "Function.Error"),
        ];
        for (type_name, expected) in cases {
            assert_eq!(error_type(type_name), expected, "{type_name}");
        }
    }
}
