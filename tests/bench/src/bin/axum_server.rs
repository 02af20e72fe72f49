//! The axum application on a port, for AWS Lambda Web Adapter. It prints the port.
#![allow(clippy::print_stdout, reason = "the benchmark reads the port")]

use std::io;
use std::net::Ipv4Addr;

use lambda_stream_bench::router;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    println!("{}", listener.local_addr()?.port());
    axum::serve(listener, router()).await
}
