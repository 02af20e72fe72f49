//! Responses as a client observes them, reduced to the parts that must be equal on each server.

use std::collections::BTreeMap;
use std::io::Read;

use flate2::read::GzDecoder;
use serde_json::Value;

/// Headers that each server sets for its own connections. (On Lambda, the frontend sets `Date`, and a streamed body has no
/// `Content-Length`.)
const CONNECTION_HEADERS: [&str; 4] = ["date", "content-length", "transfer-encoding", "connection"];

/// A response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ObservedResponse {
    pub(crate) status: u16,
    /// Lower-case names, each with its values in order.
    pub(crate) headers: BTreeMap<String, Vec<String>>,
    pub(crate) body: Vec<u8>,
}

/// What an event format preserves of a request and a response.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fidelity {
    /// Whether the values of a repeated header are a list. Otherwise they are joined with commas, which is equivalent
    /// (RFC 9110, section 5.3). `Set-Cookie` is always a list.
    pub(crate) header_lists: bool,
    /// Whether the event contains the query as the client sent it. Otherwise the query is a map with decoded values: the
    /// order of the keys is lost, the order of the values of one key is not.
    pub(crate) raw_query: bool,
}

impl ObservedResponse {
    pub(crate) fn new<'a>(status: u16, headers: impl Iterator<Item = (&'a str, &'a str)>, body: Vec<u8>) -> Self {
        let mut lists = BTreeMap::<String, Vec<String>>::new();
        for (name, value) in headers {
            lists
                .entry(name.to_ascii_lowercase())
                .or_default()
                .push(value.to_owned());
        }
        Self {
            status,
            headers: lists,
            body,
        }
    }

    /// Removes what a server with this fidelity may change. `is_echo`: whether the body describes the request.
    pub(crate) fn comparable(mut self, is_echo: bool, fidelity: Fidelity) -> Self {
        self.headers
            .retain(|name, _| !CONNECTION_HEADERS.contains(&name.as_str()));
        if !fidelity.header_lists {
            for (name, values) in &mut self.headers {
                if name != "set-cookie" {
                    *values = vec![values.join(", ")];
                }
            }
        }
        let coding = self.headers.get("content-encoding").and_then(|values| values.first());
        if coding.is_some_and(|coding| coding == "gzip") && !self.body.is_empty() {
            // The compressed bytes depend on timing: the compressor flushes when the file system has no more bytes ready.
            let mut decoded = Vec::new();
            GzDecoder::new(self.body.as_slice()).read_to_end(&mut decoded).unwrap();
            self.body = decoded;
        }
        if is_echo {
            self.body = comparable_echo(&self.body, fidelity);
        }
        self
    }
}

/// Returns the comparable part of the application's description of a request.
fn comparable_echo(body: &[u8], fidelity: Fidelity) -> Vec<u8> {
    let Ok(mut echo) = serde_json::from_slice::<Value>(body) else {
        return body.to_vec();
    };
    if !fidelity.header_lists {
        let mut joined = BTreeMap::<String, String>::new();
        for (name, value) in serde_json::from_value::<Vec<(String, String)>>(echo["headers"].take()).unwrap() {
            joined
                .entry(name)
                .and_modify(|values| *values = format!("{values},{value}"))
                .or_insert(value);
        }
        echo["headers"] = serde_json::json!(joined);
    }
    if !fidelity.raw_query {
        echo["query"] = Value::Null;
        let mut pairs: Vec<(String, String)> = serde_json::from_value(echo["query_decoded"].take()).unwrap();
        pairs.sort_by(|(a, _), (b, _)| a.cmp(b));
        echo["query_decoded"] = serde_json::json!(pairs);
    }
    echo.to_string().into_bytes()
}
