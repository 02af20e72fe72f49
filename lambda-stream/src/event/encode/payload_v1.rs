//! Encodes an HTTP request in payload format 1.0, the format of REST APIs, and of HTTP APIs that are configured for it.

use std::net::IpAddr;
use std::time::SystemTime;

use http::header::USER_AGENT;
use http::request::Parts;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::{
    all_values, header_pairs, host, is_text, last_values, log_time, lossy_text, query_pairs, set_body, unix_millis,
};

/// The API that received the request, and the metadata that it adds.
pub(crate) struct Source<'a> {
    pub(crate) account_id: &'a str,
    /// Also the first label of the domain name.
    pub(crate) api_id: &'a str,
    /// The domain name in the event of a request that has no host.
    pub(crate) domain_name: &'a str,
    pub(crate) stage: &'a str,
    pub(crate) request_id: &'a str,
    pub(crate) extended_request_id: &'a str,
    pub(crate) client: IpAddr,
    pub(crate) time: SystemTime,
}

/// Returns the event of a REST API. The resource is `/{proxy+}`, or `/` if the path is.
pub(crate) fn encode_rest_api(parts: &Parts, body: &[u8], source: &Source<'_>) -> Value {
    let path = parts.uri.path();
    // `{proxy+}` does not match an empty rest, so the root is another resource.
    let rest = path.strip_prefix('/').filter(|rest| !rest.is_empty());
    let resource = if rest.is_some() { "/{proxy+}" } else { "/" };
    let mut event = encode(parts, body, resource, source);
    if let Some(rest) = rest {
        let rest = percent_decode_str(rest).decode_utf8_lossy();
        event["pathParameters"] = json!({ "proxy": rest });
    }
    let context = &mut event["requestContext"];
    context["path"] = format!("/{}{path}", source.stage).into();
    context["resourceId"] = "xmpl01".into();
    event
}

/// Returns the fields that REST APIs and HTTP APIs have in common, with the values of an HTTP API.
pub(crate) fn encode(parts: &Parts, body: &[u8], resource: &str, source: &Source<'_>) -> Value {
    let headers = header_pairs(&parts.headers);
    let query: Vec<_> = query_pairs(parts.uri.query().unwrap_or_default()).collect();
    let user_agent = parts.headers.get(USER_AGENT).map(|value| lossy_text(value.as_bytes()));
    let time_epoch = unix_millis(source.time);
    let mut event = json!({
        "resource": resource,
        "path": parts.uri.path(),
        "httpMethod": parts.method.as_str(),
        "headers": last_values(&headers),
        "multiValueHeaders": all_values(&headers),
        "queryStringParameters": null,
        "multiValueQueryStringParameters": null,
        "requestContext": {
            "accountId": source.account_id,
            "apiId": source.api_id,
            "authorizer": null,
            "domainName": host(parts).unwrap_or_else(|| source.domain_name.to_owned()),
            "domainPrefix": source.api_id,
            "extendedRequestId": source.extended_request_id,
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
                "sourceIp": source.client.to_canonical().to_string(),
                "user": null,
                "userAgent": user_agent,
                "userArn": null,
            },
            "path": parts.uri.path(),
            "protocol": format!("{:?}", parts.version),
            "requestId": source.request_id,
            "requestTime": log_time(time_epoch / 1000),
            "requestTimeEpoch": time_epoch,
            "resourceId": null,
            "resourcePath": resource,
            "stage": source.stage,
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
