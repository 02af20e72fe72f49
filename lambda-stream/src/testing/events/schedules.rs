//! Events of EventBridge.

use serde_json::{Value, json};

use super::{ACCOUNT, REGION, TIME};

/// Returns an event that matched a rule of EventBridge.
///
/// ```
/// use lambda_stream::testing::events;
/// use serde_json::json;
///
/// let event = events::eventbridge("shop.orders", "Order Created", json!({"id": 7}));
/// assert_eq!(event["detail-type"], "Order Created");
/// assert_eq!(event["detail"]["id"], 7);
/// ```
#[must_use]
pub fn eventbridge(source: &str, detail_type: &str, detail: Value) -> Value {
    json!({
        "version": "0",
        "id": "17793124-05d4-b198-2fde-7ededc63b103",
        "detail-type": detail_type,
        "source": source,
        "account": ACCOUNT,
        "time": TIME,
        "region": REGION,
        "resources": [],
        "detail": detail,
    })
}

/// Returns the event of a schedule, from a rule of EventBridge.
///
/// ```
/// use lambda_stream::testing::events;
///
/// assert_eq!(events::scheduled()["detail-type"], "Scheduled Event");
/// ```
#[must_use]
pub fn scheduled() -> Value {
    let mut event = eventbridge("aws.events", "Scheduled Event", json!({}));
    event["resources"] = json!([format!("arn:aws:events:{REGION}:{ACCOUNT}:rule/sample-rule")]);
    event
}
