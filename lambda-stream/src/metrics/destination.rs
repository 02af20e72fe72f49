//! Where the metrics of the process go: the namespace and the dimensions.

use std::env;
use std::sync::OnceLock;

/// Overrides [`Runtime::metrics_namespace`](crate::Runtime::metrics_namespace).
const NAMESPACE: &str = "LAMBDA_STREAM_METRICS_NAMESPACE";

const DEFAULT_NAMESPACE: &str = "lambda-stream";

/// The longest namespace, in bytes.
const MAX_NAMESPACE_LENGTH: usize = 255;

/// The longest value of a dimension, in bytes. Lambda's names and versions are shorter.
const MAX_DIMENSION_LENGTH: usize = 256;

/// The destination of the process. `None` inside if metrics are disabled.
static CURRENT: OnceLock<Option<Destination>> = OnceLock::new();

/// The namespace and the values of the dimensions.
#[derive(Debug, Clone)]
pub(crate) struct Destination {
    pub(super) namespace: String,
    pub(super) function_name: String,
    pub(super) function_version: String,
}

impl Destination {
    /// Sets the destination of the process when the runtime starts. The first call determines it.
    pub(crate) fn init(namespace: Option<String>) {
        CURRENT.get_or_init(|| Self::from_env(namespace));
    }

    /// Returns the destination of the process, or `None` if metrics are disabled. Before [`init`](Self::init) it is
    /// determined by the environment alone.
    pub(super) fn current() -> Option<Self> {
        match CURRENT.get() {
            Some(current) => current.clone(),
            None => Self::from_env(None),
        }
    }

    /// Whether metrics are written.
    pub(super) fn is_enabled() -> bool {
        match CURRENT.get() {
            Some(current) => current.is_some(),
            None => Self::from_env(None).is_some(),
        }
    }

    fn from_env(namespace: Option<String>) -> Option<Self> {
        let function_name = env::var("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_default();
        if function_name.is_empty() {
            return None;
        }
        let version = env::var("AWS_LAMBDA_FUNCTION_VERSION").unwrap_or_default();
        Some(Self {
            namespace: choose_namespace(
                env::var_os(NAMESPACE).map(|value| value.to_string_lossy().into()),
                namespace,
            ),
            function_name: super::document::truncate(function_name, MAX_DIMENSION_LENGTH),
            function_version: match version.as_str() {
                "" => "$LATEST".to_owned(),
                _ => super::document::truncate(version, MAX_DIMENSION_LENGTH),
            },
        })
    }
}

/// Returns the first valid namespace of the environment variable, the setting and the default. Logs an invalid one.
fn choose_namespace(variable: Option<String>, setting: Option<String>) -> String {
    let variable = variable
        .filter(|value| !value.is_empty())
        .map(|value| (NAMESPACE, value));
    let setting = setting.map(|value| ("Runtime::metrics_namespace", value));
    for (source, namespace) in variable.into_iter().chain(setting) {
        match check(&namespace) {
            Ok(()) => return namespace,
            Err(reason) => log!(WARN, "ignored {source}={namespace:?}: {reason}"),
        }
    }
    DEFAULT_NAMESPACE.to_owned()
}

/// Returns why CloudWatch would reject a namespace.
fn check(namespace: &str) -> Result<(), &'static str> {
    let is_valid = |byte: u8| byte.is_ascii_alphanumeric() || b".-_/#: ".contains(&byte);
    if namespace.is_empty() || namespace.len() > MAX_NAMESPACE_LENGTH {
        Err("a namespace must have 1 to 255 bytes")
    } else if !namespace.bytes().all(is_valid) || namespace.starts_with(':') || namespace.trim().is_empty() {
        Err("a namespace must consist of ASCII letters, digits, spaces and `.-_/#:`, and must not start with `:`")
    } else if namespace.starts_with("AWS/") {
        Err("namespaces that start with `AWS/` are reserved for AWS services")
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variable_precedes_setting_precedes_default() {
        let some = |value: &str| Some(value.to_owned());
        for (variable, setting, namespace) in [
            (None, None, DEFAULT_NAMESPACE),
            (None, some("Shop"), "Shop"),
            (some("Shop/Orders #1"), some("Shop"), "Shop/Orders #1"),
            (some(""), some("Shop"), "Shop"),
            (some("AWS/Lambda"), some("Shop"), "Shop"),
            (some("a\nb"), some(":x"), DEFAULT_NAMESPACE),
            (None, some(""), DEFAULT_NAMESPACE),
            (None, some(&"x".repeat(256)), DEFAULT_NAMESPACE),
        ] {
            assert_eq!(choose_namespace(variable, setting), namespace);
        }
    }
}
