//! The environment variables that Lambda sets for a function.

use std::env;
use std::time::SystemTime;

use super::activity::event::EnvironmentId;
use super::identifiers::{self, random_secret, unix_millis};
use crate::event::encode::log_date;

/// The version of the function.
pub(crate) const FUNCTION_VERSION: &str = "$LATEST";

/// The handler of a function for `provided.al2023`.
pub(crate) const HANDLER: &str = "bootstrap";

/// The variable with which an environment recognizes the process that has started it.
pub(crate) const SERVICE_PROCESS: &str = "LAMBDA_STREAM_SERVICE_PROCESS";

const FUNCTION_NAME: &str = "AWS_LAMBDA_FUNCTION_NAME";

/// Returns the name of the function: the variable `AWS_LAMBDA_FUNCTION_NAME`, or the name of the program.
pub(crate) fn function_name() -> String {
    match env::var(FUNCTION_NAME) {
        Ok(name) if !name.is_empty() => name,
        _ => identifiers::function_name(),
    }
}

/// Returns the region: the variable `AWS_REGION` or `AWS_DEFAULT_REGION`, or `us-east-1`.
pub(crate) fn region() -> String {
    let variables = ["AWS_REGION", "AWS_DEFAULT_REGION"];
    let region = variables
        .iter()
        .find_map(|name| env::var(name).ok().filter(|value| !value.is_empty()));
    region.unwrap_or_else(|| "us-east-1".to_owned())
}

/// Returns the ARN of the function, with this version or alias. The account is `000000000000`.
pub(crate) fn function_arn(qualifier: Option<&str>) -> String {
    let arn = format!("arn:aws:lambda:{}:000000000000:function:{}", region(), function_name());
    match qualifier {
        Some(qualifier) => format!("{arn}:{qualifier}"),
        None => arn,
    }
}

/// Returns the variables for an environment whose Runtime API is `runtime_api`. A variable that this process has keeps its
/// value, and `overrides` take precedence, except for `AWS_LAMBDA_RUNTIME_API`.
pub(crate) fn of_environment(
    environment: EnvironmentId,
    runtime_api: &str,
    overrides: &[(String, String)],
) -> Vec<(String, String)> {
    let name = function_name();
    let date = log_date(unix_millis(SystemTime::now()) / 1000);
    let defaults = [
        ("AWS_REGION", region()),
        ("AWS_DEFAULT_REGION", region()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1024".to_owned()),
        ("AWS_LAMBDA_FUNCTION_VERSION", FUNCTION_VERSION.to_owned()),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".to_owned()),
        ("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{name}")),
        (
            "AWS_LAMBDA_LOG_STREAM_NAME",
            format!("{date}/[{FUNCTION_VERSION}]{environment:0>8}{}", &random_secret()[..24]),
        ),
        ("LAMBDA_RUNTIME_DIR", "/var/runtime".to_owned()),
        ("LAMBDA_TASK_ROOT", task_root()),
        ("TZ", ":UTC".to_owned()),
        ("_HANDLER", HANDLER.to_owned()),
        (FUNCTION_NAME, name),
    ];
    let defaults = defaults.into_iter().filter(|(name, _)| env::var_os(name).is_none());
    let mut variables: Vec<_> = defaults.map(|(name, value)| (name.to_owned(), value)).collect();
    variables.extend(overrides.iter().cloned());
    variables.push(("AWS_LAMBDA_RUNTIME_API".to_owned(), runtime_api.to_owned()));
    variables.push((SERVICE_PROCESS.to_owned(), std::process::id().to_string()));
    #[cfg(feature = "otel")]
    variables.extend(span_export(runtime_api, overrides));
    variables
}

/// Returns the variables that make the function export its spans to the viewer, if no variable configures OpenTelemetry.
#[cfg(feature = "otel")]
fn span_export(runtime_api: &str, overrides: &[(String, String)]) -> Vec<(String, String)> {
    let has_prefix = |name: &str| name.starts_with("OTEL_");
    let is_configured = env::vars_os().any(|(name, _)| name.to_str().is_some_and(has_prefix))
        || overrides.iter().any(|(name, _)| has_prefix(name));
    if is_configured {
        return Vec::new();
    }
    let endpoint = format!("http://{runtime_api}/v1/traces");
    // The trace header of an invocation says that its trace is not sampled.
    let variables = [
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", endpoint),
        ("OTEL_TRACES_SAMPLER", "always_on".to_owned()),
    ];
    variables.map(|(name, value)| (name.to_owned(), value)).into()
}

/// Returns the directory of the function's files, which is `/var/task` on Lambda: the package that `cargo run` runs, or the
/// working directory.
fn task_root() -> String {
    match env::var("CARGO_MANIFEST_DIR") {
        Ok(package) => package,
        Err(_) => env::current_dir().unwrap_or_default().to_string_lossy().into_owned(),
    }
}
