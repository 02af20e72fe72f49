//! The application of the example `axum_app`, served by axum. Tests compare its responses with those of the function.
#![allow(clippy::print_stderr, reason = "prints the address for the test")]

// The example is a binary and has no library target to depend on.
#[path = "../../../examples/src/bin/axum_app/application.rs"]
mod application;

use std::io;
use std::net::Ipv4Addr;
use std::path::Path;

use tokio::net::TcpListener;

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let static_files = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/static");
    let application = application::application(Path::new(static_files));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    eprintln!("serving at http://{}", listener.local_addr()?);
    axum::serve(listener, application).await
}
