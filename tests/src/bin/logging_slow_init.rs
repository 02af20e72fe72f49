//! A function on several threads whose `init` waits for the end of standard input.

use std::io;

use lambda_stream::Error;

async fn init() -> Result<(), Error> {
    tokio::task::spawn_blocking(|| io::read_to_string(io::stdin())).await??;
    Ok(())
}

#[lambda_stream::main(init = init, flavor = "multi_thread", worker_threads = 2)]
async fn handler() {
    tracing::info!("handled");
}
