//! An answer as its caller sees it, and what of it has to be the same wherever the application runs.

use std::collections::BTreeMap;
use std::io::Read;

use flate2::read::GzDecoder;
use serde_json::Value;

/// These describe a body on one connection and the moment when it was sent, and are each server's own. (`Date` is the
/// front end's on Lambda, and a streamed body has no `Content-Length`.)
const FRAMING: [&str; 4] = ["date", "content-length", "transfer-encoding", "connection"];

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Observed {
    pub(crate) status: u16,
    /// Names in lower case; the values of one name in their order.
    pub(crate) headers: BTreeMap<String, Vec<String>>,
    pub(crate) body: Vec<u8>,
}

/// What an event of Lambda can say of a request and its answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Format {
    /// Headers that come several times are lists. Else one value holds all of them, joined with commas, which says the
    /// same (RFC 9110, section 5.3). `Set-Cookie` is a list in any case.
    pub(crate) header_lists: bool,
    /// The query comes as it was written. Else it is a map: keys in an order of its own, values in theirs, decoded.
    pub(crate) raw_query: bool,
}

impl Observed {
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

    /// What must be the same in an answer to an event of this format.
    pub(crate) fn comparable(mut self, is_echo: bool, format: Format) -> Self {
        self.headers.retain(|name, _| !FRAMING.contains(&name.as_str()));
        if !format.header_lists {
            for (name, values) in &mut self.headers {
                if name != "set-cookie" {
                    *values = vec![values.join(", ")];
                }
            }
        }
        let coding = self.headers.get("content-encoding").and_then(|values| values.first());
        if coding.is_some_and(|coding| coding == "gzip") && !self.body.is_empty() {
            // Its bytes depend on when the file system gave which piece: what is waited for is flushed.
            let mut whole = Vec::new();
            GzDecoder::new(self.body.as_slice()).read_to_end(&mut whole).unwrap();
            self.body = whole;
        }
        if is_echo {
            self.body = comparable_echo(&self.body, format);
        }
        self
    }
}

/// Of the request that the application saw.
fn comparable_echo(body: &[u8], format: Format) -> Vec<u8> {
    let Ok(mut echo) = serde_json::from_slice::<Value>(body) else {
        return body.to_vec();
    };
    if !format.header_lists {
        let mut joined = BTreeMap::<String, String>::new();
        for (name, value) in serde_json::from_value::<Vec<(String, String)>>(echo["headers"].take()).unwrap() {
            joined
                .entry(name)
                .and_modify(|before| *before = format!("{before},{value}"))
                .or_insert(value);
        }
        echo["headers"] = serde_json::json!(joined);
    }
    if !format.raw_query {
        echo["query"] = Value::Null;
        let mut pairs: Vec<(String, String)> = serde_json::from_value(echo["query_decoded"].take()).unwrap();
        pairs.sort_by(|(one, _), (other, _)| one.cmp(other));
        echo["query_decoded"] = serde_json::json!(pairs);
    }
    echo.to_string().into_bytes()
}
