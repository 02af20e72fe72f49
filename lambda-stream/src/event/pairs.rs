//! JSON objects of strings, in their order and with repeated keys.

use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// The entries of a JSON object whose values are strings or lists of strings, in the object's order.
///
/// Lambda sends headers and query parameters in this form. A map would lose the order of the keys.
#[derive(Default)]
pub(crate) struct Pairs(pub(crate) Vec<(String, String)>);

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
    None,
}

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PairsVisitor;

        impl<'de> Visitor<'de> for PairsVisitor {
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

        deserializer.deserialize_map(PairsVisitor)
    }
}
