//! The Python package `mcp`, which is installed into `target/packages`.
//!
//! To measure when progress notifications arrive, run in `examples/applications`:
//! `cargo build --bin mcp && ../../target/packages/mcp/bin/python mcp/tests/mcp/client.py times target/debug/mcp`.

use std::path::Path;

use test_support::{Process, packages};

#[test]
fn python_client_uses_whole_server() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mcp");
    let Some(python) = packages::python("mcp", sources.join("requirements.txt")) else {
        return;
    };
    let mut script = Process::command(python);
    script.arg(sources.join("client.py")).arg("check");
    script.arg(env!("CARGO_BIN_EXE_mcp"));
    let output = script.output().unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && stdout == "passed\n", "{stdout}\n{stderr}");
}
