//! Parses the values of options. The errors continue the name of the option: "takes a number …".

use std::fs::File;
use std::io::{self, Read};
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use serde::Deserialize;

use super::super::settings::{AuthType, Cors, InvokeMode, LimitSettings};
use super::usage_error::UsageError;

/// The elements of `--limits`.
pub(super) const LIMITS: [&str; 6] = ["size", "prelude", "bandwidth", "idle", "all", "none"];

/// The maximum of `--environments`: Lambda's default limit of concurrent invocations.
const MAX_ENVIRONMENTS: usize = 1000;

/// Lambda's maximum function timeout, in seconds.
const MAX_TIMEOUT_SECONDS: f64 = 900.0;

/// Lambda's maximum for `MaxAge`, in seconds.
const MAX_CORS_AGE: u32 = 86400;

/// The maximum size of the file of `--cors`, in bytes.
const MAX_CORS_FILE_LENGTH: u64 = 1024 * 1024;

/// A variable that would send the events to another Runtime API.
const RUNTIME_API_VARIABLE: &str = "AWS_LAMBDA_RUNTIME_API";

pub(super) fn port(value: &str) -> Result<u16, String> {
    value.parse().map_err(|_| "takes a number from 0 to 65535".to_owned())
}

pub(super) fn host(value: &str) -> Result<IpAddr, String> {
    match value {
        "localhost" => Ok(Ipv4Addr::LOCALHOST.into()),
        _ => value
            .parse()
            .map_err(|_| "takes an IP address of this machine, or 0.0.0.0 for all addresses".to_owned()),
    }
}

pub(super) fn environments(value: &str) -> Result<usize, String> {
    match value.parse() {
        Ok(count @ 1..=MAX_ENVIRONMENTS) => Ok(count),
        _ => Err(format!("takes a number from 1 to {MAX_ENVIRONMENTS}")),
    }
}

/// Parses a number of seconds, which may have a fraction.
pub(super) fn timeout(value: &str) -> Result<Duration, String> {
    let seconds = value.parse::<f64>().ok();
    // Deadlines have a resolution of a millisecond.
    let seconds = seconds.filter(|seconds| (0.001..=MAX_TIMEOUT_SECONDS).contains(seconds));
    seconds
        .map(Duration::from_secs_f64)
        .ok_or_else(|| format!("takes a number of seconds greater than 0 and up to {MAX_TIMEOUT_SECONDS}"))
}

/// Parses `NAME=VALUE`.
pub(super) fn variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => {
            check_variable(name, value)?;
            Ok((name.to_owned(), value.to_owned()))
        }
        _ => Err("takes NAME=VALUE".to_owned()),
    }
}

/// Checks that the variable can be set for the function.
pub(super) fn check_variable(name: &str, value: &str) -> Result<(), String> {
    if name == RUNTIME_API_VARIABLE {
        return Err(format!(
            "cannot set {RUNTIME_API_VARIABLE}, which local mode sets itself"
        ));
    }
    // Operating systems allow neither.
    match name.contains(['\0', '=']) || value.contains('\0') {
        true => Err("takes a name and a value without NUL characters".to_owned()),
        false => Ok(()),
    }
}

pub(super) fn invoke_mode(value: &str) -> InvokeMode {
    match value {
        "buffered" => InvokeMode::Buffered,
        _ => InvokeMode::ResponseStream,
    }
}

pub(super) fn auth(value: &str) -> AuthType {
    match value {
        "aws-iam" => AuthType::AwsIam,
        _ => AuthType::None,
    }
}

/// Converts the elements of `--limits`, each of which is one of [`LIMITS`].
pub(super) fn limits(elements: &[&str]) -> Result<LimitSettings, UsageError> {
    let all = |value| LimitSettings {
        size: value,
        prelude: value,
        bandwidth: value,
        idle: value,
    };
    match elements {
        ["all"] => return Ok(all(true)),
        ["none"] => return Ok(all(false)),
        _ => {}
    }
    let mut limits = all(false);
    for &element in elements {
        match element {
            "size" => limits.size = true,
            "prelude" => limits.prelude = true,
            "bandwidth" => limits.bandwidth = true,
            "idle" => limits.idle = true,
            _ => {
                return Err(UsageError::new(format!(
                    "--limits takes `{element}` only alone, or a list of `size`, `prelude`, `bandwidth` and `idle`"
                )));
            }
        }
    }
    Ok(limits)
}

/// The `Cors` structure of Lambda's API.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
#[derive(Default)]
struct CorsDocument {
    allow_origins: Vec<String>,
    allow_methods: Vec<String>,
    allow_headers: Vec<String>,
    expose_headers: Vec<String>,
    allow_credentials: bool,
    max_age: Option<u32>,
}

/// Parses the value of `--cors`: JSON, or `@` and the path of a file.
pub(super) fn cors(value: &str) -> Result<Cors, UsageError> {
    let (json, source) = match value.strip_prefix('@') {
        Some(path) => {
            let json = read_file(path)
                .map_err(|error| UsageError::new(format!("failed to read the CORS configuration `{path}`: {error}")))?;
            (json, format!("the CORS configuration in `{path}`"))
        }
        None => (value.to_owned(), "the value of --cors".to_owned()),
    };
    let document: CorsDocument = serde_json::from_str(json.trim_start_matches('\u{feff}'))
        .map_err(|error| UsageError::new(format!("{source} is not valid: {error}")))?;
    if document.max_age.is_some_and(|age| age > MAX_CORS_AGE) {
        return Err(UsageError::new(format!(
            "{source} is not valid: `MaxAge` is greater than {MAX_CORS_AGE} seconds, Lambda's maximum"
        )));
    }
    Ok(Cors {
        allow_origins: document.allow_origins,
        allow_methods: document.allow_methods,
        allow_headers: document.allow_headers,
        expose_headers: document.expose_headers,
        allow_credentials: document.allow_credentials,
        max_age: document.max_age,
    })
}

fn read_file(path: &str) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(MAX_CORS_FILE_LENGTH).read_to_string(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeout_accepts_fractions_up_to_maximum() {
        assert_eq!(timeout("900"), Ok(Duration::from_secs(900)));
        assert_eq!(timeout("0.25"), Ok(Duration::from_millis(250)));
        for value in ["0", "-1", "901", "NaN", "inf", "1e300", "3s", ""] {
            assert!(timeout(value).is_err(), "{value}");
        }
    }

    #[test]
    fn variable_requires_name_and_value() {
        assert_eq!(variable("A=b=c"), Ok(("A".to_owned(), "b=c".to_owned())));
        assert_eq!(variable("A="), Ok(("A".to_owned(), String::new())));
        for text in ["A", "=b", "", "A=\0", "AWS_LAMBDA_RUNTIME_API=localhost"] {
            assert!(variable(text).is_err(), "{text}");
        }
    }

    #[test]
    fn cors_has_form_of_lambda_api() {
        let json = r#"{"AllowOrigins": ["https://a.example"], "AllowMethods": ["GET", "POST"], "AllowHeaders": ["x-a"],
            "ExposeHeaders": ["x-b"], "AllowCredentials": true, "MaxAge": 60}"#;
        let expected = Cors {
            allow_origins: vec!["https://a.example".to_owned()],
            allow_methods: vec!["GET".to_owned(), "POST".to_owned()],
            allow_headers: vec!["x-a".to_owned()],
            expose_headers: vec!["x-b".to_owned()],
            allow_credentials: true,
            max_age: Some(60),
        };
        assert_eq!(cors(json), Ok(expected));
        assert_eq!(cors("{}"), Ok(Cors::default()));
    }

    #[test]
    fn invalid_cors_returns_specific_error() {
        let error = |value: &str| cors(value).unwrap_err().to_string();
        assert!(error("{\"AllowOrigin\": []}").contains("unknown field `AllowOrigin`, expected one of `AllowOrigins`"));
        assert!(error("*").starts_with("the value of --cors is not valid: "));
        assert!(error("{\"MaxAge\": 86401}").contains("`MaxAge` is greater than 86400 seconds"));
        assert!(error("@no/such.json").starts_with("failed to read the CORS configuration `no/such.json`: "));
    }
}
