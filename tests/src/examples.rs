//! The workspace's example functions, built when a test first asks for one.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;

const PACKAGE: &str = "lambda-stream-examples";

/// The program of an example function; builds all of them at the first call of a test process.
///
/// # Panics
/// When they do not build, or when there is none of this name.
#[track_caller]
pub fn example(name: &str) -> PathBuf {
    static BUILT: OnceLock<Result<BTreeMap<String, PathBuf>, String>> = OnceLock::new();
    match BUILT.get_or_init(build) {
        Ok(programs) => programs.get(name).cloned().unwrap_or_else(|| {
            let names: Vec<_> = programs.keys().collect();
            panic!("{PACKAGE} has no binary {name}, only {names:?}")
        }),
        Err(failure) => panic!("{failure}"),
    }
}

/// Kept as a value, so that every test that asks says what is wrong, not only the first.
fn build() -> Result<BTreeMap<String, PathBuf>, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(&cargo)
        .args(["build", "--bins", "-p", PACKAGE])
        .arg("--message-format=json-render-diagnostics")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .map_err(|error| format!("{cargo:?} does not start: {error}"))?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{PACKAGE} does not build\n{errors}"));
    }
    Ok(programs(&String::from_utf8_lossy(&output.stdout)))
}

/// The binaries among cargo's messages, one JSON object a line, by their names.
fn programs(messages: &str) -> BTreeMap<String, PathBuf> {
    let program = |line: &str| {
        let message: Value = serde_json::from_str(line).ok()?;
        let name = message["target"]["name"].as_str()?.to_owned();
        let path = message["executable"].as_str()?;
        Some((name, PathBuf::from(path)))
    };
    messages.lines().filter_map(program).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found_among_all_other_messages() {
        let messages = concat!(
            r#"{"reason":"compiler-artifact","target":{"name":"lambda_stream"},"executable":null}"#,
            "\nnot JSON\n",
            r#"{"reason":"compiler-artifact","target":{"name":"hello"},"executable":"/target/hello"}"#,
            "\n",
            r#"{"reason":"build-finished","success":true}"#,
        );
        let found = programs(messages);
        assert_eq!(found, BTreeMap::from([("hello".into(), "/target/hello".into())]));
    }
}
