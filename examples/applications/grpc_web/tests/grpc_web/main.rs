//! Tests of the example as a process: the bytes that it sends, and a stock client.

#![allow(clippy::unwrap_used, reason = "a failing test panics")]

mod client;
mod frames;
mod warehouse;
mod wire;

use std::process::Command;

use test_support::Process;

const GET_ORDER: &str = "/orders.v1.OrderTracker/GetOrder";
const TRACK_ORDER: &str = "/orders.v1.OrderTracker/TrackOrder";

/// Returns a command for the function with this warehouse.
fn function(warehouse_url: &str) -> Command {
    let mut command = Process::command(env!("CARGO_BIN_EXE_grpc_web"));
    command.envs([("WAREHOUSE_URL", warehouse_url), ("POLL_INTERVAL_MS", "10")]);
    command.env_remove("RUST_LOG");
    command
}
