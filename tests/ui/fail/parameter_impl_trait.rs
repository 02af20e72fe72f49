#[lambda_stream::main]
async fn handler(_: Option<impl serde::de::DeserializeOwned>) {}
