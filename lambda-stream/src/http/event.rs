//! HTTP events as they come, field by field. It knows their JSON, and nothing of what it is made into.
//!
//! `aws_lambda_events` has these types too, but loses the order of query keys, and fails on a header that it cannot read.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;

use crate::event::Pairs;

/// Payload format 2.0.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PayloadV2 {
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
pub(super) struct PayloadV1 {
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
