// The attribute cannot see that this is a reference; the trait can.
struct Config;
type State<'a> = &'a Config;

#[lambda_stream::main]
async fn handler(config: State<'_>) {
    let _ = config;
}
