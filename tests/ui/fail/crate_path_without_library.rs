// The compiler reports one error, at the path, and no error for each name that the generated code imports.
#[lambda_stream::main(crate = std::collections)]
async fn handler(_: String, _: lambda_stream::ResponseStream) {}
