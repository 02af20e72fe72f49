//! The sample events: `aws_lambda_events` deserializes them, and a handler receives the request that they encode.

use aws_lambda_events::alb::AlbTargetGroupRequest;
use aws_lambda_events::apigw::{ApiGatewayProxyRequest, ApiGatewayV2httpRequest};
use aws_lambda_events::dynamodb::Event as DynamoDbEvent;
use aws_lambda_events::eventbridge::EventBridgeEvent;
use aws_lambda_events::kinesis::KinesisEvent;
use aws_lambda_events::s3::S3Event;
use aws_lambda_events::sns::SnsEvent;
use aws_lambda_events::sqs::SqsEvent;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Request;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::*;

#[cfg(feature = "http")]
mod round_trip;

fn deserialize<T: DeserializeOwned>(event: &Value) -> T {
    serde_json::from_value(event.clone()).unwrap_or_else(|error| panic!("{error}: {event}"))
}

fn request() -> Request<&'static str> {
    Request::post("https://api.example:8443/a%20b/c?x=1&y=a%2Bb+c&x=2")
        .header("user-agent", "test/1")
        .header("cookie", "a=1; b=2")
        .header("x-two", "one")
        .header("x-two", "two")
        .header("x-forwarded-for", "198.51.100.1, 203.0.113.7")
        .header("content-type", "application/json")
        .body(r#"{"k":1}"#)
        .unwrap()
}

#[test]
fn payload_v2_has_the_documented_fields() {
    for (event, account, cookie) in [
        (function_url(&request()), "anonymous", Some("a=1; b=2")),
        (http_api(&request()), ACCOUNT, None),
    ] {
        assert_eq!(event["headers"].get("cookie").and_then(Value::as_str), cookie);
        assert_eq!(event["headers"]["host"], "api.example:8443");
        let event: ApiGatewayV2httpRequest = deserialize(&event);
        assert_eq!(event.version.as_deref(), Some("2.0"));
        assert_eq!(event.raw_path.as_deref(), Some("/a%20b/c"));
        assert_eq!(event.raw_query_string.as_deref(), Some("x=1&y=a%2Bb+c&x=2"));
        assert_eq!(event.query_string_parameters.first("y"), Some("a+b c"));
        assert_eq!(event.cookies, Some(vec!["a=1".to_owned(), "b=2".to_owned()]));
        assert_eq!(event.headers["x-two"], "one,two");
        assert_eq!(
            (event.body.as_deref(), event.is_base64_encoded),
            (Some(r#"{"k":1}"#), false)
        );
        let context = event.request_context;
        assert_eq!(context.account_id.as_deref(), Some(account));
        assert_eq!(context.domain_name.as_deref(), Some("api.example"));
        assert_eq!(context.stage.as_deref(), Some("$default"));
        assert_eq!(context.time.as_deref(), Some("01/Jan/2025:00:00:00 +0000"));
        assert_eq!(context.http.method, "POST");
        assert_eq!(context.http.source_ip.as_deref(), Some("203.0.113.7"));
        assert_eq!(context.http.user_agent.as_deref(), Some("test/1"));
    }
}

#[test]
fn payload_v1_has_the_documented_fields() {
    let rest = rest_api(&request());
    assert_eq!(rest.get("version"), None);
    assert_eq!(rest["pathParameters"], json!({"proxy": "a b/c"}));
    let http_api = http_api_v1(&request());
    assert_eq!(
        (&http_api["version"], &http_api["pathParameters"]),
        (&json!("1.0"), &Value::Null)
    );
    for (event, resource, context_path, stage) in [
        (rest, "/{proxy+}", "/prod/a%20b/c", "prod"),
        (http_api, "$default", "/a%20b/c", "$default"),
    ] {
        assert_eq!(event["headers"]["x-two"], "two");
        assert_eq!(event["multiValueHeaders"]["x-two"], json!(["one", "two"]));
        assert_eq!(event["queryStringParameters"], json!({"x": "2", "y": "a+b c"}));
        assert_eq!(
            event["multiValueQueryStringParameters"],
            json!({"x": ["1", "2"], "y": ["a+b c"]})
        );
        assert_eq!(event["stageVariables"], Value::Null);
        let event: ApiGatewayProxyRequest = deserialize(&event);
        assert_eq!(event.resource.as_deref(), Some(resource));
        assert_eq!(event.path.as_deref(), Some("/a%20b/c"));
        assert_eq!(event.http_method, "POST");
        assert_eq!(
            (event.body.as_deref(), event.is_base64_encoded),
            (Some(r#"{"k":1}"#), false)
        );
        let context = event.request_context;
        assert_eq!(context.path.as_deref(), Some(context_path));
        assert_eq!(context.stage.as_deref(), Some(stage));
        assert_eq!(context.resource_path.as_deref(), Some(resource));
        assert_eq!(context.domain_name.as_deref(), Some("api.example"));
        assert_eq!(context.request_time_epoch, 1_735_689_600_000);
        assert_eq!(context.identity.source_ip.as_deref(), Some("203.0.113.7"));
        assert_eq!(context.identity.user_agent.as_deref(), Some("test/1"));
    }
}

#[test]
fn absent_parts_are_null_in_payload_v1() {
    let event = rest_api(&Request::get("/").body("").unwrap());
    assert_eq!(event["resource"], "/");
    for key in [
        "queryStringParameters",
        "multiValueQueryStringParameters",
        "pathParameters",
        "body",
    ] {
        assert_eq!(event[key], Value::Null, "{key}");
    }
    assert_eq!(event["requestContext"]["identity"]["sourceIp"], "192.0.2.1");
}

#[test]
fn alb_event_has_last_or_all_values() {
    let single = alb(&request());
    assert_eq!(single["headers"]["x-two"], "two");
    assert_eq!(single["queryStringParameters"], json!({"x": "2", "y": "a%2Bb+c"}));
    assert_eq!(
        (single.get("multiValueHeaders"), single.get("pathParameters")),
        (None, None)
    );
    let multi = alb_multi_value(&request());
    assert_eq!(multi["multiValueHeaders"]["x-two"], json!(["one", "two"]));
    assert_eq!(
        multi["multiValueQueryStringParameters"],
        json!({"x": ["1", "2"], "y": ["a%2Bb+c"]})
    );
    assert_eq!((multi.get("headers"), multi.get("queryStringParameters")), (None, None));
    for event in [single, multi] {
        let event: AlbTargetGroupRequest = deserialize(&event);
        assert!(event.request_context.elb.target_group_arn.is_some());
        assert_eq!(event.http_method, "POST");
        assert_eq!(event.path.as_deref(), Some("/a%20b/c"));
        assert_eq!(
            (event.body.as_deref(), event.is_base64_encoded),
            (Some(r#"{"k":1}"#), false)
        );
    }
}

#[test]
fn body_that_is_not_text_is_base64() {
    let with =
        |name: &str, value: &str, body: &'static [u8]| Request::post("/").header(name, value).body(body).unwrap();
    let form = with("content-type", "application/x-www-form-urlencoded", b"a=1");
    assert_eq!(function_url(&form)["body"], "a=1");
    for event in [
        function_url(&with("content-type", "text/plain", b"\xff")),
        rest_api(&with("content-type", "application/octet-stream", b"a")),
        http_api(&Request::post("/").body("a").unwrap()),
        alb(&form),
        alb(&with("content-encoding", "gzip", b"a")),
    ] {
        assert_eq!(event["isBase64Encoded"], true, "{event}");
        let body = STANDARD.decode(event["body"].as_str().unwrap()).unwrap();
        assert!([b"a".as_slice(), b"a=1", b"\xff"].contains(&body.as_slice()), "{event}");
    }
}

#[test]
fn records_are_deserialized_by_aws_lambda_events() {
    let event: SqsEvent = deserialize(&sqs(["one", "two"]));
    let bodies: Vec<_> = event.records.iter().map(|record| record.body.as_deref()).collect();
    assert_eq!(bodies, [Some("one"), Some("two")]);
    assert_ne!(event.records[0].message_id, event.records[1].message_id);
    assert_eq!(event.records[0].event_source.as_deref(), Some("aws:sqs"));

    let event: SnsEvent = deserialize(&sns("hi"));
    assert_eq!(event.records[0].sns.message, "hi");

    let event: S3Event = deserialize(&s3("photos", "a b/ü.jpg"));
    let entity = &event.records[0].s3;
    assert_eq!(entity.bucket.name.as_deref(), Some("photos"));
    assert_eq!(entity.object.key.as_deref(), Some("a+b/%C3%BC.jpg"));

    let event: KinesisEvent = deserialize(&kinesis([b"\xff".as_slice(), b"b"]));
    assert_eq!(event.records[0].kinesis.data.0, b"\xff");
    assert_ne!(
        event.records[0].kinesis.sequence_number,
        event.records[1].kinesis.sequence_number
    );

    let event: DynamoDbEvent = deserialize(&dynamodb(json!({"id": {"N": "7"}}), json!({"id": {"N": "7"}})));
    assert_eq!(event.records[0].event_name, "INSERT");
    assert_eq!(event.records[0].change.new_image.len(), 1);

    let event: EventBridgeEvent = deserialize(&eventbridge("shop", "Order Created", json!({"id": 7})));
    assert_eq!(
        (event.detail_type.as_str(), &event.detail),
        ("Order Created", &json!({"id": 7}))
    );
    let event: EventBridgeEvent = deserialize(&scheduled());
    assert_eq!(event.source, "aws.events");
    assert_eq!(event.resources.unwrap().len(), 1);
}

#[test]
fn http_events_are_detected_as_their_format() {
    use crate::event::{EventFormat, EventInfo};
    let request = Request::head("/").body("").unwrap();
    let alb_format = |multi_value_headers| EventFormat::Alb { multi_value_headers };
    for (event, format) in [
        (function_url(&request), EventFormat::PayloadV2),
        (http_api(&request), EventFormat::PayloadV2),
        (http_api_v1(&request), EventFormat::PayloadV1),
        (rest_api(&request), EventFormat::PayloadV1),
        (alb(&request), alb_format(false)),
        (alb_multi_value(&request), alb_format(true)),
    ] {
        let info = EventInfo::from_event(event.to_string().as_bytes());
        assert_eq!((info.format, info.is_head), (format, true), "{event}");
    }
    let others = [
        sqs(["a"]),
        sns("a"),
        s3("a", "b"),
        kinesis(["a"]),
        dynamodb(json!({}), json!({})),
        scheduled(),
    ];
    for event in others {
        let info = EventInfo::from_event(event.to_string().as_bytes());
        assert_eq!(info.format, EventFormat::NotHttp, "{event}");
    }
}
