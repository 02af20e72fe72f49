//! An event of 6 MB: many records and one large string, half of the size each.

use serde::{Deserialize, Serialize};

/// The number of records, which have about 3 MB together.
const RECORDS: usize = 24_000;

/// The length of the string, in bytes.
const TEXT: usize = 3_000_000;

/// The event as a handler receives it.
#[derive(Debug, Serialize, Deserialize)]
pub struct LargeEvent {
    records: Vec<Order>,
    text: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Order {
    id: u64,
    customer: String,
    items: Vec<String>,
    total: f64,
    note: Option<String>,
}

impl LargeEvent {
    /// Creates the event, which is always the same.
    pub fn create() -> Self {
        let order = |index: u64| Order {
            id: 1_000_000 + index,
            customer: format!("customer {}", index % 1000),
            items: (0..index % 4).map(|item| format!("article {item}")).collect(),
            total: index as f64 / 4.0,
            note: (index % 5 == 0).then(|| "deliver to the \"back door\"".to_owned()),
        };
        // A line break is an escape in JSON, so the string is not a part of the event.
        let text = "the quick brown fox jumps over the lazy dog, again and again\n";
        Self {
            records: (0..RECORDS as u64).map(order).collect(),
            text: text.chars().cycle().take(TEXT).collect(),
        }
    }

    /// Returns a response that depends on all parts of the event.
    pub fn response(&self) -> String {
        let orders = self.records.iter().map(|order| {
            let items: usize = order.items.iter().map(String::len).sum();
            order.id as usize + order.customer.len() + items + order.note.as_ref().map_or(0, String::len)
        });
        respond(orders.sum::<usize>() + self.text.len())
    }

    /// Returns the response of a handler that does not deserialize the event.
    pub fn raw_response(event: &[u8]) -> String {
        respond(event.len())
    }
}

fn respond(sum: usize) -> String {
    format!("{sum:016x}")
}
