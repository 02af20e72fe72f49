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
mod gate;
mod load_balancer;
mod observed;
mod parity;
mod places;
mod requests;
mod service;
mod sources;
mod streaming;

use test_support::start;
