//! A function that takes an `http::Request` and returns an `http::Response` that describes the request.

use bytes::Bytes;
use http::{Request, Response};
use lambda_stream::Context;
use lambda_stream::http::{PathParameters, RequestContext, SourceAddress, StageVariables};
use serde_json::json;

#[lambda_stream::main]
async fn http_request(request: Request<Bytes>) -> Response<String> {
    let extensions = request.extensions();
    let source = match extensions.get::<RequestContext>() {
        Some(RequestContext::ApiGatewayV2(_)) => "payload format 2.0",
        Some(RequestContext::ApiGatewayV1(_)) => "payload format 1.0",
        Some(RequestContext::Alb(_)) => "ALB",
        _ => "none",
    };
    let mut headers: Vec<(&str, &str)> = request
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str(), value.to_str().unwrap_or("not ASCII")))
        .collect();
    headers.sort_by_key(|(name, _)| *name);
    let description = json!({
        "method": request.method().as_str(),
        "uri": request.uri().to_string(),
        "headers": headers,
        "body": String::from_utf8_lossy(request.body()),
        "source": source,
        "request_id": extensions.get::<Context>().map(Context::request_id),
        "address": extensions.get::<SourceAddress>().map(|SourceAddress(address)| address),
        "path_parameters": extensions.get::<PathParameters>().map(|PathParameters(parameters)| parameters),
        "stage_variables": extensions.get::<StageVariables>().map(|StageVariables(variables)| variables),
    });
    Response::new(description.to_string())
}
