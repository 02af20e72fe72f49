//! The JSON fields of HTTP events.
//!
//! `aws_lambda_events` has types for these events too, but they lose the order of the query parameters and fail on a header
//! that cannot be parsed.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;

use crate::event::{Pairs, Text};

/// An event of payload format 2.0.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PayloadV2<'a> {
    pub(super) raw_path: String,
    pub(super) raw_query_string: Option<String>,
    pub(super) cookies: Option<Vec<String>>,
    pub(super) headers: Option<Pairs>,
    pub(super) path_parameters: Option<HashMap<String, String>>,
    pub(super) stage_variables: Option<HashMap<String, String>>,
    pub(super) request_context: Value,
    #[serde(borrow)]
    pub(super) body: Option<Text<'a>>,
    pub(super) is_base64_encoded: Option<bool>,
}

/// An event of payload format 1.0 or of an Application Load Balancer, whose fields have the same names.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PayloadV1<'a> {
    pub(super) http_method: String,
    pub(super) path: String,
    pub(super) headers: Option<Pairs>,
    pub(super) multi_value_headers: Option<Pairs>,
    pub(super) query_string_parameters: Option<Pairs>,
    pub(super) multi_value_query_string_parameters: Option<Pairs>,
    pub(super) path_parameters: Option<HashMap<String, String>>,
    pub(super) stage_variables: Option<HashMap<String, String>>,
    /// `Null` in a test event without it.
    #[serde(default)]
    pub(super) request_context: Value,
    #[serde(borrow)]
    pub(super) body: Option<Text<'a>>,
    pub(super) is_base64_encoded: Option<bool>,
}
