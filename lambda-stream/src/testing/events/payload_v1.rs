//! HTTP requests in payload format 1.0: API Gateway REST APIs, and HTTP APIs that are configured for it.

use http::Request;
use http::header::USER_AGENT;
use http::request::Parts;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::request::{all_values, client, header_pairs, last_values, sent_parts};
use super::{ACCOUNT, API_DOMAIN, API_ID, API_REQUEST_ID, TIME_MILLIS};
use crate::event::encode::{host, is_text, log_time, lossy_text, query_pairs, set_body};

/// Returns the event of an API Gateway REST API (payload format 1.0).
///
/// It is that of the resource `/{proxy+}` in the stage `prod`.
///
/// ```
/// use http::Request;
/// use lambda_stream::testing::events;
///
/// let request = Request::get("/orders/7").header("accept", "text/html").body("")?;
/// let event = events::rest_api(&request);
/// assert_eq!(event["pathParameters"]["proxy"], "orders/7");
/// assert_eq!(event["requestContext"]["path"], "/prod/orders/7");
/// # Ok::<(), http::Error>(())
/// ```
#[must_use]
pub fn rest_api<B: AsRef<[u8]>>(request: &Request<B>) -> Value {
    let parts = sent_parts(request);
    let path = parts.uri.path();
    // `{proxy+}` does not match an empty rest, so the root is another resource.
    let rest = path.strip_prefix('/').filter(|rest| !rest.is_empty());
    let resource = if rest.is_some() { "/{proxy+}" } else { "/" };
    let mut event = payload_v1(&parts, request.body().as_ref(), resource);
    if let Some(rest) = rest {
        let rest = percent_decode_str(rest).decode_utf8_lossy();
        event["pathParameters"] = json!({ "proxy": rest });
    }
    let context = &mut event["requestContext"];
    context["path"] = format!("/prod{path}").into();
    context["resourceId"] = "xmpl01".into();
    context["stage"] = "prod".into();
    context["requestId"] = "8a5f3d2e-0c41-4b7e-9f13-5d6a7b8c9e0f".into();
    event
}

/// Returns the event of an API Gateway HTTP API with payload format 1.0.
///
/// It is that of the route `$default` in the stage `$default`.
///
/// ```
/// use http::Request;
/// use lambda_stream::testing::events;
///
/// let request = Request::get("/orders?id=7&id=8").body("")?;
/// let event = events::http_api_v1(&request);
/// assert_eq!(event["version"], "1.0");
/// assert_eq!(event["multiValueQueryStringParameters"]["id"], serde_json::json!(["7", "8"]));
/// # Ok::<(), http::Error>(())
/// ```
#[must_use]
pub fn http_api_v1<B: AsRef<[u8]>>(request: &Request<B>) -> Value {
    let parts = sent_parts(request);
    let mut event = payload_v1(&parts, request.body().as_ref(), "$default");
    event["version"] = "1.0".into();
    event
}

/// Returns the fields that both sources have, with the values of an HTTP API.
fn payload_v1(parts: &Parts, body: &[u8], resource: &str) -> Value {
    let headers = header_pairs(&parts.headers);
    let query: Vec<_> = query_pairs(parts.uri.query().unwrap_or_default()).collect();
    let user_agent = parts.headers.get(USER_AGENT).map(|value| lossy_text(value.as_bytes()));
    let mut event = json!({
        "resource": resource,
        "path": parts.uri.path(),
        "httpMethod": parts.method.as_str(),
        "headers": last_values(&headers),
        "multiValueHeaders": all_values(&headers),
        "queryStringParameters": null,
        "multiValueQueryStringParameters": null,
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": API_ID,
            "authorizer": null,
            "domainName": host(parts).unwrap_or_else(|| API_DOMAIN.to_owned()),
            "domainPrefix": API_ID,
            "extendedRequestId": API_REQUEST_ID,
            "httpMethod": parts.method.as_str(),
            "identity": {
                "accessKey": null,
                "accountId": null,
                "caller": null,
                "clientCert": null,
                "cognitoAuthenticationProvider": null,
                "cognitoAuthenticationType": null,
                "cognitoIdentityId": null,
                "cognitoIdentityPoolId": null,
                "principalOrgId": null,
                "sourceIp": client(&parts.headers).to_string(),
                "user": null,
                "userAgent": user_agent,
                "userArn": null,
            },
            "path": parts.uri.path(),
            "protocol": format!("{:?}", parts.version),
            "requestId": API_REQUEST_ID,
            "requestTime": log_time(TIME_MILLIS / 1000),
            "requestTimeEpoch": TIME_MILLIS,
            "resourceId": null,
            "resourcePath": resource,
            "stage": "$default",
        },
        "pathParameters": null,
        "stageVariables": null,
        "body": null,
        "isBase64Encoded": false,
    });
    if !query.is_empty() {
        event["queryStringParameters"] = json!(last_values(&query));
        event["multiValueQueryStringParameters"] = json!(all_values(&query));
    }
    if !body.is_empty() {
        set_body(&mut event, body, is_text(&parts.headers));
    }
    event
}
