//! `lambda_runtime`, as its documentation starts it for several invocations at once.

use lambda_runtime::{Error, run_concurrent, service_fn};
use lambda_stream_bench::peer;

#[tokio::main]
async fn main() -> Result<(), Error> {
    run_concurrent(service_fn(peer::answer)).await
}
