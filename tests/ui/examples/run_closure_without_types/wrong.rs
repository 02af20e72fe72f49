// The parameters of a closure have no types.
// group: run
// marked: stream
// verdict: yes, no (the compiler says that a type is missing, and not which), yes
use lambda_stream::RuntimeError;

#[tokio::main]
async fn main() -> Result<(), RuntimeError> {
    lambda_stream::run(async |mut stream| stream.write("Hello").await).await
}
