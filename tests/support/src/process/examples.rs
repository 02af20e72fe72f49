//! The binaries of the workspace's examples, built when a test first needs one.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;

const PACKAGE: &str = "lambda-stream-examples";

/// Returns the path of an example's binary. The first call in a test process builds all examples.
///
/// # Panics
/// If the build fails or there is no example with this name.
#[track_caller]
pub fn example(name: &str) -> PathBuf {
    static BUILT: OnceLock<Result<BTreeMap<String, PathBuf>, String>> = OnceLock::new();
    match BUILT.get_or_init(build) {
        Ok(binaries) => binaries.get(name).cloned().unwrap_or_else(|| {
            let names: Vec<_> = binaries.keys().collect();
            panic!("{PACKAGE} has no binary {name}, only {names:?}")
        }),
        Err(error) => panic!("{error}"),
    }
}

/// Returns the error as a value, so that each test that needs an example prints it.
fn build() -> Result<BTreeMap<String, PathBuf>, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(&cargo)
        .args(["build", "--bins", "-p", PACKAGE])
        .arg("--message-format=json-render-diagnostics")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .map_err(|error| format!("failed to start {cargo:?}: {error}"))?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        return Err(format!("failed to build {PACKAGE}\n{errors}"));
    }
    Ok(binaries(&String::from_utf8_lossy(&output.stdout)))
}

/// Returns the binaries named in cargo's messages, which are JSON objects, one per line.
fn binaries(messages: &str) -> BTreeMap<String, PathBuf> {
    let binary = |line: &str| {
        let message: Value = serde_json::from_str(line).ok()?;
        let name = message["target"]["name"].as_str()?.to_owned();
        let path = message["executable"].as_str()?;
        Some((name, PathBuf::from(path)))
    };
    messages.lines().filter_map(binary).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binaries_are_found_among_other_messages() {
        let messages = concat!(
            r#"{"reason":"compiler-artifact","target":{"name":"lambda_stream"},"executable":null}"#,
            "\nnot JSON\n",
            r#"{"reason":"compiler-artifact","target":{"name":"hello"},"executable":"/target/hello"}"#,
            "\n",
            r#"{"reason":"build-finished","success":true}"#,
        );
        let found = binaries(messages);
        assert_eq!(found, BTreeMap::from([("hello".into(), "/target/hello".into())]));
    }
}
