// The attribute cannot see that `State` is a reference. The trait `FromInvocation` reports the error.
struct Config;
type State<'a> = &'a Config;

#[lambda_stream::main]
async fn handler(config: State<'_>) {
    let _ = config;
}
