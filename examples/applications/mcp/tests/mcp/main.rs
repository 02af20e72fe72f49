//! The example `mcp` with stock MCP clients, and against the mock Runtime API.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failing test panics")]

mod fake_services;
mod lambda;
mod python_client;
mod rmcp_client;

use std::process::Command;

use test_support::Process;

use crate::fake_services::FakeServices;

const TOKEN: &str = "a-token-for-the-tests";

/// Returns a command for the function, which checks these services.
fn command(services: &FakeServices, names: &[&str]) -> Command {
    let list: Vec<String> = names
        .iter()
        .map(|name| format!("{name}={}", services.url(name)))
        .collect();
    let mut command = Process::command(env!("CARGO_BIN_EXE_mcp"));
    command.env("MCP_TOKEN", TOKEN).env("SERVICES", list.join(","));
    command.env_remove("ALLOWED_HOSTS").env_remove("RUST_LOG");
    command
}
