//! `lambda_runtime`, as its documentation starts it.

use lambda_runtime::{Error, run, service_fn};
use lambda_stream_bench::peer;

#[tokio::main]
async fn main() -> Result<(), Error> {
    run(service_fn(peer::answer)).await
}
