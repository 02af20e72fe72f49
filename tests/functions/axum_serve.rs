//! The application of the example `axum_app`, served as it would be without Lambda: what its answers are compared with.
#![allow(clippy::print_stderr, reason = "it says where it serves")]

#[path = "../../examples/src/bin/axum_app/application.rs"]
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
