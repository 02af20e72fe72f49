//! HTTP events as they come, field by field. It knows their JSON, and nothing of what it is made into.
//!
//! `aws_lambda_events` has these types too, but loses the order of query keys, and fails on a header that it cannot read.

use std::collections::HashMap;
use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Payload format 2.0.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Http2 {
    pub(super) raw_path: String,
    pub(super) raw_query_string: Option<String>,
    pub(super) cookies: Option<Vec<String>>,
    pub(super) headers: Option<Pairs>,
    pub(super) path_parameters: Option<HashMap<String, String>>,
    pub(super) stage_variables: Option<HashMap<String, String>>,
    pub(super) request_context: Value,
    pub(super) body: Option<String>,
    pub(super) is_base64_encoded: Option<bool>,
}

/// Payload format 1.0, and what a load balancer sends.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Http1 {
    pub(super) http_method: String,
    pub(super) path: String,
    pub(super) headers: Option<Pairs>,
    pub(super) multi_value_headers: Option<Pairs>,
    pub(super) query_string_parameters: Option<Pairs>,
    pub(super) multi_value_query_string_parameters: Option<Pairs>,
    pub(super) path_parameters: Option<HashMap<String, String>>,
    pub(super) stage_variables: Option<HashMap<String, String>>,
    pub(super) request_context: Value,
    pub(super) body: Option<String>,
    pub(super) is_base64_encoded: Option<bool>,
}

/// A JSON object of strings, or of lists of strings, in its order.
#[derive(Default)]
pub(super) struct Pairs(pub(super) Vec<(String, String)>);

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
    None,
}

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Pairs;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of strings or lists of strings")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Pairs, M::Error> {
                let mut pairs = Vec::new();
                while let Some(name) = map.next_key::<String>()? {
                    match map.next_value()? {
                        OneOrMany::One(value) => pairs.push((name, value)),
                        OneOrMany::Many(values) => pairs.extend(values.into_iter().map(|value| (name.clone(), value))),
                        OneOrMany::None => {}
                    }
                }
                Ok(Pairs(pairs))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}
