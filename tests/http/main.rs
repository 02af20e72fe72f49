//! Functions that answer HTTP with requests, responses and services: against real servers and a stand-in for Lambda.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "this is how a test fails, and says what it compared"
)]

mod answers;
mod bodies;
mod client;
mod equality;
mod gate;
mod load_balancer;
mod places;
mod requests;
mod seen;
mod service;
mod sources;
mod streaming;

use lambda_stream_tests::start;
