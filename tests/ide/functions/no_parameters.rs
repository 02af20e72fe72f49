//! A public function with documentation and without parameters.

use std::io;

/// Returns nothing.
///
/// # Errors
///
/// Returns the error of the clock.
#[lambda_stream::main(
    flavor = "multi_thread",
    worker_threads = 2,
    logging = false,
    deadline_margin = "off"
)]
pub(crate) async fn wait() -> io::Result<()> {
    std::future::ready(Ok(())).await
}
