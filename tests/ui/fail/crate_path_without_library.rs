// One error, at the path, and not one for each thing that is looked up there.
#[lambda_stream::main(crate = std::collections)]
async fn handler(_: String, _: lambda_stream::ResponseStream) {}
