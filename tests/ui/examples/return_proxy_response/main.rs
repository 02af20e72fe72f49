// request: GET /orders
// response: {"statusCode":200,"headers":{},"multiValueHeaders":{},"body":"You requested /orders","isBase64Encoded":false,"cookies":[]}
use aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use lambda_stream::{Error, LambdaEvent};
use serde_json::Value;

#[tokio::main]
async fn main() -> Result<(), lambda_stream::RuntimeError> {
    lambda_stream::run(lambda_stream::service_fn(function_handler)).await
}

async fn function_handler(event: LambdaEvent<Value>) -> Result<ApiGatewayV2httpResponse, Error> {
    let path = event.payload["rawPath"].as_str().unwrap_or("/");
    let mut response = ApiGatewayV2httpResponse::default();
    response.status_code = 200;
    response.body = Some(format!("You requested {path}").into());
    Ok(response)
}
