//! A JSON string that is copied only if it contains escapes.

use std::borrow::Cow;

use serde::Deserialize;

/// A string of an event: a part of the event if it contains no escapes, as base64 does.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct Text<'a>(#[serde(borrow)] pub(crate) Cow<'a, str>);
