//! Events of SQS, SNS and S3.

use serde_json::{Value, json};

use super::{ACCOUNT, REGION, TIME_MILLIS, TIME_WITH_MILLIS};

/// Returns the event of an SQS queue: one record for each message body.
///
/// ```
/// use lambda_stream::testing::events;
///
/// let event = events::sqs([r#"{"id":7}"#, r#"{"id":8}"#]);
/// assert_eq!(event["Records"][1]["body"], r#"{"id":8}"#);
/// ```
#[must_use]
pub fn sqs(bodies: impl IntoIterator<Item: Into<String>>) -> Value {
    let record = |(index, body): (usize, String)| {
        json!({
            "messageId": format!("059f36b4-87a3-44ab-83d2-{index:012}"),
            "receiptHandle": format!("AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a{index}"),
            "body": body,
            "attributes": {
                "ApproximateReceiveCount": "1",
                "SentTimestamp": TIME_MILLIS.to_string(),
                "SenderId": "AIDAIENQZJOLO23YVJ4VO",
                "ApproximateFirstReceiveTimestamp": (TIME_MILLIS + 15).to_string(),
            },
            "messageAttributes": {},
            "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
            "eventSource": "aws:sqs",
            "eventSourceARN": format!("arn:aws:sqs:{REGION}:{ACCOUNT}:sample-queue"),
            "awsRegion": REGION,
        })
    };
    let bodies = bodies.into_iter().map(Into::into).enumerate();
    json!({ "Records": bodies.map(record).collect::<Vec<_>>() })
}

/// Returns the event of an SNS topic. SNS sends each message in its own event.
///
/// ```
/// use lambda_stream::testing::events;
///
/// let event = events::sns("Hello");
/// assert_eq!(event["Records"][0]["Sns"]["Message"], "Hello");
/// ```
#[must_use]
pub fn sns(message: impl Into<String>) -> Value {
    let topic = format!("arn:aws:sns:{REGION}:{ACCOUNT}:sample-topic");
    let subscription = format!("{topic}:21be56ed-a058-49f5-8c98-aedd2564c486");
    json!({"Records": [{
        "EventVersion": "1.0",
        "EventSubscriptionArn": subscription,
        "EventSource": "aws:sns",
        "Sns": {
            "SignatureVersion": "1",
            "Timestamp": TIME_WITH_MILLIS,
            "Signature": "c2FtcGxl",
            "SigningCertURL": format!("https://sns.{REGION}.amazonaws.com/SimpleNotificationService-sample.pem"),
            "MessageId": "95df01b4-ee98-5cb9-9903-4c221d41eb5e",
            "Message": message.into(),
            "MessageAttributes": {},
            "Type": "Notification",
            "UnsubscribeURL":
                format!("https://sns.{REGION}.amazonaws.com/?Action=Unsubscribe&SubscriptionArn={subscription}"),
            "TopicArn": topic,
            "Subject": null,
        },
    }]})
}

/// Returns the event of an S3 bucket in which the object `key` was created.
///
/// `key` is the name of the object. As from S3, the event contains it URL-encoded, with `+` for a space.
///
/// ```
/// use lambda_stream::testing::events;
///
/// let event = events::s3("photos", "2025/red flower.jpg");
/// assert_eq!(event["Records"][0]["s3"]["object"]["key"], "2025/red+flower.jpg");
/// ```
#[must_use]
pub fn s3(bucket: &str, key: &str) -> Value {
    let encode = |part: &str| form_urlencoded::byte_serialize(part.as_bytes()).collect::<String>();
    let key = key.split('/').map(encode).collect::<Vec<_>>().join("/");
    json!({"Records": [{
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": REGION,
        "eventTime": TIME_WITH_MILLIS,
        "eventName": "ObjectCreated:Put",
        "userIdentity": {"principalId": "AWS:AIDAINPONIXQXHT3IKHL2"},
        "requestParameters": {"sourceIPAddress": "192.0.2.1"},
        "responseElements": {
            "x-amz-request-id": "D82B88E5F771F645",
            "x-amz-id-2": "vlR7PnpV2Ce81l0PRw6jlUpck7Jo5ZsQjryTjKlc5aLWGVHPZLj5NeC6qMa0emYBDXOo6QBU0Wo=",
        },
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "828aa6fc-f7b5-4305-8584-487c791949c1",
            "bucket": {
                "name": bucket,
                "ownerIdentity": {"principalId": "A3I5XTEXAMAI3E"},
                "arn": format!("arn:aws:s3:::{bucket}"),
            },
            "object": {
                "key": key,
                "size": 1024,
                "eTag": "b21b84d653bb07b05b1e6b33684dc11b",
                "sequencer": "0C0F6F405D6ED209E1",
            },
        },
    }]})
}
