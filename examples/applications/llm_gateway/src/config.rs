//! The configuration, read from the environment at cold start.
//!
//! | variable | value |
//! |---|---|
//! | `GATEWAY_TOKENS` | the tokens that callers send, separated by commas |
//! | `GATEWAY_MODELS` | JSON: for each model the upstream |
//! | `GATEWAY_KEEP_ALIVE_SECONDS` | the time without an event after which the caller gets a comment; 15 by default |
//!
//! ```json
//! {
//!   "small": {"base_url": "https://api.openai.com/v1", "model": "gpt-4.1-mini", "key_variable": "OPENAI_API_KEY"},
//!   "openrouter/*": {"base_url": "https://openrouter.ai/api/v1", "model": "*", "key_variable": "OPENROUTER_API_KEY"},
//!   "qwen*": {"base_url": "http://10.0.0.1:8000/v1", "include_usage": false}
//! }
//! ```
//!
//! A name that ends in `*` is a prefix. The exact name, then the longest prefix, has priority. Lambda limits all variables of
//! a function to 4 KB.

use std::collections::BTreeMap;
use std::time::Duration;

use http::HeaderValue;
use lambda_stream::Error;
use reqwest::Url;
use serde::Deserialize;

pub(crate) struct Config {
    pub(crate) keep_alive: Duration,
    /// The tokens that callers send.
    pub(crate) tokens: Vec<String>,
    routes: BTreeMap<String, Route>,
}

/// An upstream, and how requests are sent to it.
pub(crate) struct Route {
    /// The URL of its chat completions.
    pub(crate) url: Url,
    /// The header `Authorization`.
    pub(crate) authorization: Option<HeaderValue>,
    /// Whether to ask for the usage of streamed completions. Some upstreams reject the field `stream_options`.
    pub(crate) include_usage: bool,
    /// The name of the model at the upstream, in which `*` stands for the rest after the prefix. Without it, the upstream
    /// gets the name in the request.
    model: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RouteSettings {
    base_url: String,
    model: Option<String>,
    /// The name of the variable that has the key.
    key_variable: Option<String>,
    #[serde(default = "yes")]
    include_usage: bool,
}

fn yes() -> bool {
    true
}

impl Config {
    pub(crate) fn from_environment() -> Result<Self, Error> {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
        Self::new(variable).map_err(Error::new)
    }

    /// `variable` returns the value of a variable, or `None` if it is not set or empty.
    fn new(variable: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let tokens = variable("GATEWAY_TOKENS").unwrap_or_default();
        let tokens: Vec<String> = tokens.split(',').map(|token| token.trim().to_owned()).collect();
        if tokens.iter().any(String::is_empty) {
            let problem = "GATEWAY_TOKENS is not set or has an empty token";
            return Err(format!(
                "{problem}: set it to the tokens that callers send, separated by commas"
            ));
        }
        let models = variable("GATEWAY_MODELS").ok_or(
            "GATEWAY_MODELS is not set: set it to JSON such as {\"gpt-4.1\": {\"base_url\": \
             \"https://api.openai.com/v1\", \"key_variable\": \"OPENAI_API_KEY\"}}",
        )?;
        let models: BTreeMap<String, RouteSettings> =
            serde_json::from_str(&models).map_err(|error| format!("GATEWAY_MODELS is invalid: {error}"))?;
        if models.is_empty() {
            return Err("GATEWAY_MODELS is empty: add a model".to_owned());
        }
        let seconds = variable("GATEWAY_KEEP_ALIVE_SECONDS").unwrap_or_else(|| "15".to_owned());
        let keep_alive = match seconds.trim().parse() {
            Ok(seconds @ 1..) => Duration::from_secs(seconds),
            _ => {
                return Err(format!(
                    "GATEWAY_KEEP_ALIVE_SECONDS is invalid: set it to a whole number from 1, not to {seconds:?}"
                ));
            }
        };
        let routes = models.into_iter().map(|(name, settings)| {
            let route = Route::new(&name, settings, &variable)
                .map_err(|error| format!("GATEWAY_MODELS is invalid: model `{name}`: {error}"))?;
            Ok((name, route))
        });
        Ok(Self {
            keep_alive,
            tokens,
            routes: routes.collect::<Result<_, String>>()?,
        })
    }

    /// Returns the names of the models, without the prefixes.
    pub(crate) fn models(&self) -> impl Iterator<Item = &str> {
        self.routes
            .keys()
            .map(String::as_str)
            .filter(|name| !name.ends_with('*'))
    }

    /// Returns the route of a model, and the name of the model at the upstream.
    pub(crate) fn route(&self, model: &str) -> Option<(&Route, String)> {
        let (route, rest) = match self.routes.get(model).filter(|_| !model.ends_with('*')) {
            Some(route) => (route, ""),
            None => {
                let prefixes = self.routes.iter().filter_map(|(name, route)| {
                    let rest = model.strip_prefix(name.strip_suffix('*')?)?;
                    Some((route, rest))
                });
                prefixes.min_by_key(|(_, rest)| rest.len())?
            }
        };
        let upstream_model = route.model.as_ref().map(|name| name.replace('*', rest));
        Some((route, upstream_model.unwrap_or_else(|| model.to_owned())))
    }
}

impl Route {
    fn new(name: &str, settings: RouteSettings, variable: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        if name.strip_suffix('*').unwrap_or(name).contains('*') {
            return Err("`*` is allowed once, at the end".to_owned());
        }
        let url = Url::parse(&settings.base_url);
        let mut url = url.map_err(|error| format!("`base_url` is invalid: {error}"))?;
        if !matches!(url.scheme(), "http" | "https") || url.query().is_some() {
            return Err("`base_url` is invalid: it must be an http or https URL without a query".to_owned());
        }
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["chat", "completions"]);
        }
        let authorization = match &settings.key_variable {
            None => None,
            Some(name) => {
                let key = variable(name).ok_or_else(|| {
                    format!("`key_variable` names {name}, which is not set: set it to the key of the upstream")
                })?;
                let mut header = HeaderValue::try_from(format!("Bearer {}", key.trim()))
                    .map_err(|_| format!("the value of {name} is no key: it has characters that no header can have"))?;
                header.set_sensitive(true);
                Some(header)
            }
        };
        Ok(Self {
            url,
            authorization,
            include_usage: settings.include_usage,
            model: settings.model,
        })
    }

    /// Returns the host, for the log.
    pub(crate) fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(models: &str, keep_alive: &str) -> Result<Config, String> {
        Config::new(|name| match name {
            "GATEWAY_TOKENS" => Some("a, b".to_owned()),
            "GATEWAY_MODELS" => Some(models.to_owned()),
            "GATEWAY_KEEP_ALIVE_SECONDS" => Some(keep_alive.to_owned()),
            "KEY" => Some("k\n".to_owned()),
            "BAD_KEY" => Some("k\nk".to_owned()),
            _ => None,
        })
    }

    #[track_caller]
    fn routed(config: &Config, model: &str) -> Option<(String, String)> {
        let (route, model) = config.route(model)?;
        Some((route.url.to_string(), model))
    }

    #[test]
    fn exact_name_then_longest_prefix_has_priority() {
        let config = config(
            r#"{
                "a": {"base_url": "http://exact/v1/", "model": "upstream-a"},
                "a*": {"base_url": "http://prefix"},
                "a/b/*": {"base_url": "http://longer/v1", "model": "*"},
                "a/c/*": {"base_url": "http://other/v1", "model": "vendor/*:free"}
            }"#,
            "1",
        );
        let config = config.unwrap_or_else(|error| unreachable!("{error}"));
        let expected = |url: &str, model: &str| Some((format!("http://{url}/chat/completions"), model.to_owned()));
        assert_eq!(routed(&config, "a"), expected("exact/v1", "upstream-a"));
        assert_eq!(routed(&config, "abc"), expected("prefix", "abc"));
        assert_eq!(routed(&config, "a/b/c"), expected("longer/v1", "c"));
        assert_eq!(routed(&config, "a/c/d"), expected("other/v1", "vendor/d:free"));
        assert_eq!(routed(&config, "a/b/*"), expected("longer/v1", "*"));
        assert_eq!(routed(&config, "ab*c"), expected("prefix", "ab*c"));
        assert_eq!(routed(&config, "b"), None);
        assert_eq!(config.models().collect::<Vec<_>>(), ["a"]);
        assert_eq!(config.tokens, ["a", "b"]);
    }

    #[test]
    fn invalid_setting_is_named_without_its_secret() {
        let cases = [
            ("{", "1", "GATEWAY_MODELS is invalid: EOF while parsing"),
            ("{}", "1", "GATEWAY_MODELS is empty"),
            (r#"{"a": {}}"#, "1", "missing field `base_url` at line 1 column 8"),
            (r#"{"a": {"base_url": "x"}}"#, "1", "relative URL without a base"),
            (
                r#"{"a": {"base_url": "http://x", "key": "secret"}}"#,
                "1",
                "unknown field `key`",
            ),
            (
                r#"{"a": {"base_url": "ftp://x"}}"#,
                "1",
                "model `a`: `base_url` is invalid: it must be",
            ),
            (r#"{"a": {"base_url": "http://x?y"}}"#, "1", "without a query"),
            (
                r#"{"a*b*": {"base_url": "http://x"}}"#,
                "1",
                "`*` is allowed once, at the end",
            ),
            (
                r#"{"a**": {"base_url": "http://x"}}"#,
                "1",
                "`*` is allowed once, at the end",
            ),
            (
                r#"{"a": {"base_url": "http://x", "key_variable": "NO_KEY"}}"#,
                "1",
                "names NO_KEY, which is not set",
            ),
            (
                r#"{"a": {"base_url": "http://x", "key_variable": "BAD_KEY"}}"#,
                "1",
                "the value of BAD_KEY is no key",
            ),
            (
                r#"{"a": {"base_url": "http://x"}}"#,
                "0",
                "GATEWAY_KEEP_ALIVE_SECONDS is invalid",
            ),
        ];
        for (models, keep_alive, expected) in cases {
            let error = config(models, keep_alive).err().unwrap_or_default();
            assert!(error.contains(expected) && !error.contains("k\nk"), "{models}: {error}");
        }
        for tokens in [None, Some(","), Some("a,,b")] {
            let error = Config::new(|_| tokens.map(str::to_owned)).err().unwrap_or_default();
            assert!(
                error.starts_with("GATEWAY_TOKENS is not set or has an empty token"),
                "{error}"
            );
        }
    }
}
