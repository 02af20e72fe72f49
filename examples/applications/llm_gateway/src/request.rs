//! The request of a caller.

use std::collections::BTreeMap;

use http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};

use crate::failure::Failure;

/// A request for a completion. Fields that the gateway does not use keep their text, including the order of the keys,
/// which matters to models: it is the order of the properties in a JSON schema.
pub(crate) struct ChatRequest {
    pub(crate) model: String,
    /// Whether the response is a stream of events.
    pub(crate) stream: bool,
    /// Whether the caller asked for the usage of a streamed completion.
    pub(crate) include_usage: bool,
    stream_options: BTreeMap<String, Value>,
    fields: BTreeMap<String, Box<RawValue>>,
}

impl ChatRequest {
    pub(crate) fn parse(body: &[u8]) -> Result<Self, Failure> {
        let fields: BTreeMap<String, Box<RawValue>> =
            serde_json::from_slice(body).map_err(|error| invalid(format!("the body is not a JSON object: {error}")))?;
        let model: Option<String> = field(&fields, "model")?;
        let stream_options: BTreeMap<String, Value> = field(&fields, "stream_options")?.unwrap_or_default();
        Ok(Self {
            model: model.ok_or_else(|| invalid("the field `model` is missing".to_owned()))?,
            stream: field(&fields, "stream")?.unwrap_or(false),
            include_usage: stream_options.get("include_usage") == Some(&json!(true)),
            stream_options,
            fields,
        })
    }

    /// Returns the body for the upstream. With `include_usage`, it asks for the usage of a streamed completion.
    pub(crate) fn into_body(mut self, model: &str, include_usage: bool) -> Result<Vec<u8>, Failure> {
        let mut body = || {
            self.fields.insert("model".to_owned(), to_raw_value(model)?);
            if self.stream && include_usage {
                self.stream_options.insert("include_usage".to_owned(), json!(true));
                let stream_options = to_raw_value(&self.stream_options)?;
                self.fields.insert("stream_options".to_owned(), stream_options);
            }
            serde_json::to_vec(&self.fields)
        };
        body().map_err(|error| invalid(error.to_string()))
    }
}

/// Returns `None` for a field that is missing or null.
fn field<T: DeserializeOwned>(fields: &BTreeMap<String, Box<RawValue>>, name: &str) -> Result<Option<T>, Failure> {
    let Some(value) = fields.get(name) else {
        return Ok(None);
    };
    serde_json::from_str(value.get()).map_err(|error| invalid(format!("the field `{name}` is invalid: {error}")))
}

fn invalid(message: String) -> Failure {
    Failure::new(StatusCode::BAD_REQUEST, "invalid_request", message)
}
