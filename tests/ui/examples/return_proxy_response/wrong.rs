// A response type of `aws_lambda_events`, which `lambda_runtime` sends as the document that describes an HTTP response.
// group: http
// marked: ApiGatewayV2httpResponse
// write: lambda_stream::service_fn
// verdict: yes, yes, yes
use aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use lambda_stream::{Error, LambdaEvent};
use serde_json::Value;

#[lambda_stream::main]
async fn function_handler(event: LambdaEvent<Value>) -> Result<ApiGatewayV2httpResponse, Error> {
    let path = event.payload["rawPath"].as_str().unwrap_or("/");
    let mut response = ApiGatewayV2httpResponse::default();
    response.status_code = 200;
    response.body = Some(format!("You requested {path}").into());
    Ok(response)
}
