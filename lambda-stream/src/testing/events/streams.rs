//! Events of DynamoDB streams and Kinesis data streams.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{ACCOUNT, REGION, TIME_MILLIS};

/// Returns the event of a DynamoDB stream after one item was created.
///
/// `keys` are the key attributes of the item, `new_image` all its attributes, both in DynamoDB's JSON format. To change
/// the event to a modification, set `eventName` of the record to `MODIFY` and add `OldImage` to `dynamodb`.
///
/// ```
/// use lambda_stream::testing::events;
/// use serde_json::json;
///
/// let event = events::dynamodb(json!({"id": {"N": "7"}}), json!({"id": {"N": "7"}, "name": {"S": "Ada"}}));
/// assert_eq!(event["Records"][0]["eventName"], "INSERT");
/// assert_eq!(event["Records"][0]["dynamodb"]["NewImage"]["name"]["S"], "Ada");
/// ```
#[must_use]
pub fn dynamodb(keys: Value, new_image: Value) -> Value {
    json!({"Records": [{
        "eventID": "c4ca4238a0b923820dcc509a6f75849b",
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": REGION,
        "dynamodb": {
            "ApproximateCreationDateTime": TIME_MILLIS / 1000,
            "Keys": keys,
            "NewImage": new_image,
            "SequenceNumber": "4421584500000000017450439091",
            "SizeBytes": 26,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
        "eventSourceARN":
            format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/sample-table/stream/2025-01-01T00:00:00.000"),
    }]})
}

/// Returns the event of a Kinesis data stream: one record for each element of `data`.
///
/// ```
/// use lambda_stream::testing::events;
///
/// let event = events::kinesis(["Hello"]);
/// assert_eq!(event["Records"][0]["kinesis"]["data"], "SGVsbG8=");
/// ```
#[must_use]
pub fn kinesis(data: impl IntoIterator<Item: AsRef<[u8]>>) -> Value {
    let record = |(index, data): (usize, String)| {
        let sequence_number = format!("4959033827149025660855969253836157109592157598913{index:07}");
        json!({
            "kinesis": {
                "kinesisSchemaVersion": "1.0",
                "partitionKey": "1",
                "sequenceNumber": sequence_number,
                "data": data,
                "approximateArrivalTimestamp": TIME_MILLIS as f64 / 1000.0,
            },
            "eventSource": "aws:kinesis",
            "eventVersion": "1.0",
            "eventID": format!("shardId-000000000006:{sequence_number}"),
            "eventName": "aws:kinesis:record",
            "invokeIdentityArn": format!("arn:aws:iam::{ACCOUNT}:role/sample-role"),
            "awsRegion": REGION,
            "eventSourceARN": format!("arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/sample-stream"),
        })
    };
    let data = data.into_iter().map(|data| STANDARD.encode(data)).enumerate();
    json!({ "Records": data.map(record).collect::<Vec<_>>() })
}
