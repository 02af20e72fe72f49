use lambda_stream::{Context, Error, LambdaEvent, RuntimeError, service_fn};

struct Report;

async fn not_serialize(_: LambdaEvent<String>) -> Result<Report, Error> {
    Ok(Report)
}

async fn no_lambda_event(_: String, _: Context) -> Result<String, Error> {
    Ok(String::new())
}

async fn no_result(event: LambdaEvent<String>) -> String {
    event.payload
}

async fn start() -> Result<(), RuntimeError> {
    lambda_stream::run(service_fn(not_serialize)).await?;
    lambda_stream::run(service_fn(no_lambda_event)).await?;
    lambda_stream::run(service_fn(no_result)).await
}

fn main() {
    drop(start());
}
