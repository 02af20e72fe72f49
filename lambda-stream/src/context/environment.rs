//! What Lambda's environment variables say about the function.

use std::sync::OnceLock;

/// The values of the variables that Lambda sets for a function. A variable that is not set, is empty or is not UTF-8 is
/// `None`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Environment {
    pub(crate) function_name: Option<String>,
    pub(crate) function_version: Option<String>,
    /// `None` also if the value is not a number.
    pub(crate) memory_limit_mb: Option<u32>,
    pub(crate) log_group_name: Option<String>,
    pub(crate) log_stream_name: Option<String>,
}

impl Environment {
    /// Returns the environment of this process. The variables are read at the first call.
    pub(crate) fn get() -> &'static Self {
        static ENVIRONMENT: OnceLock<Environment> = OnceLock::new();
        ENVIRONMENT.get_or_init(|| Self::read(|name| std::env::var(name).ok()))
    }

    fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        let text = |name| variable(name).filter(|value| !value.is_empty());
        Self {
            function_name: text("AWS_LAMBDA_FUNCTION_NAME"),
            function_version: text("AWS_LAMBDA_FUNCTION_VERSION"),
            memory_limit_mb: text("AWS_LAMBDA_FUNCTION_MEMORY_SIZE").and_then(|value| value.parse().ok()),
            log_group_name: text("AWS_LAMBDA_LOG_GROUP_NAME"),
            log_stream_name: text("AWS_LAMBDA_LOG_STREAM_NAME"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: Environment = Environment {
        function_name: None,
        function_version: None,
        memory_limit_mb: None,
        log_group_name: None,
        log_stream_name: None,
    };

    #[test]
    fn missing_empty_or_malformed_variable_is_none() {
        assert_eq!(Environment::read(|_| None), NONE);
        assert_eq!(Environment::read(|_| Some(String::new())), NONE);
        for value in ["-1", "128 MB", "4294967296"] {
            assert_eq!(Environment::read(|_| Some(value.to_owned())).memory_limit_mb, None);
        }
        let environment = Environment::read(|name| (name == "AWS_LAMBDA_FUNCTION_MEMORY_SIZE").then(|| "10240".into()));
        let memory_limit_mb = Some(10_240);
        assert_eq!(
            environment,
            Environment {
                memory_limit_mb,
                ..NONE
            }
        );
    }
}
