//! The attribute causes no lint, whatever lints a function denies.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

use super::package::{Package, plain};

/// What strict projects deny. `clippy::restriction` as a whole rejects any code; a second test covers it.
const DENIED: [&str; 5] = [
    "warnings",
    "missing_docs",
    "clippy::all",
    "clippy::pedantic",
    "clippy::nursery",
];

/// Code with a lint of each group of [`DENIED`].
const VIOLATIONS: &str = "
fn unused(text: String) -> usize { text.len() }
fn main() { let x = 1; if x != 1 { } else { } }
";

/// A message of a lint, without its level.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Message {
    lint: String,
    /// The first line and column, and the last line, that are underlined.
    place: [u64; 3],
    text: String,
}

/// Returns the lints of the compiler that are allowed unless a function enables them.
fn allowed_by_default() -> Vec<String> {
    let output = Command::new("rustc").args(["-W", "help"]).output();
    let help = String::from_utf8(output.expect("failed to run rustc").stdout).expect("the list is UTF-8");
    let rows = help.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let names = rows.filter_map(|row| matches!(row[..], [_, "allow", ..]).then(|| row[0].to_owned()));
    // Each binary of the package uses some of the dependencies only.
    names.filter(|name| name != "unused-crate-dependencies").collect()
}

/// Runs Clippy. Returns each message with the name of its binary.
fn clippy(package: &Package, levels: &[String]) -> Vec<(String, Message)> {
    let mut arguments = vec!["clippy", "--all-targets", "--keep-going", "--message-format=json", "--"];
    arguments.extend(levels.iter().map(String::as_str));
    let output = package.cargo(&arguments);
    let stdout = String::from_utf8(output.stdout).expect("the messages are UTF-8");
    let lines = stdout
        .lines()
        .map(|line| serde_json::from_str(line).expect("the message is JSON"));
    let lines: Vec<Value> = lines.collect();
    assert!(
        lines.iter().any(|line| line["reason"] == "build-finished"),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let messages = lines.iter().filter(|line| line["reason"] == "compiler-message");
    messages
        .filter_map(|line| {
            let message = &line["message"];
            // A summary, such as the number of errors, has no span.
            let span = message["spans"]
                .as_array()?
                .iter()
                .find(|span| span["is_primary"] == true)?;
            let place = ["line_start", "column_start", "line_end"].map(|key| span[key].as_u64().unwrap_or_default());
            let lint = message["code"]["code"].as_str().unwrap_or_default().to_owned();
            let text = message["message"].as_str().unwrap_or_default().to_owned();
            Some((
                line["target"]["name"].as_str()?.to_owned(),
                Message { lint, place, text },
            ))
        })
        .collect()
}

fn clippy_is_installed() -> bool {
    let installed = Command::new("cargo").args(["clippy", "--version"]).output();
    let installed = installed.is_ok_and(|output| output.status.success());
    if !installed {
        println!("skipped: Clippy is not installed");
    }
    installed
}

#[test]
fn annotated_functions_pass_denied_lints() {
    if !clippy_is_installed() {
        return;
    }
    let mut package = Package::new("denied");
    package.add("violations", VIOLATIONS);
    let levels: Vec<String> = DENIED
        .iter()
        .flat_map(|lint| ["-D".to_owned(), (*lint).to_owned()])
        .collect();
    let (violations, messages): (Vec<_>, Vec<_>) = clippy(&package, &levels)
        .into_iter()
        .partition(|(name, _)| name == "violations");
    let found: BTreeSet<&str> = violations.iter().map(|(_, message)| message.lint.as_str()).collect();
    for lint in [
        "dead_code",
        "missing_docs",
        "clippy::needless_pass_by_value",
        "clippy::needless_else",
    ] {
        assert!(found.contains(lint), "{lint} is not in {found:?}");
    }
    assert!(messages.is_empty(), "{messages:#?}");
}

/// Compares the messages of all lints, those of `clippy::restriction` included, with and without the attribute.
#[test]
fn attribute_adds_no_message_of_any_lint() {
    if !clippy_is_installed() {
        return;
    }
    let package = Package::new("all_lints").with_plain_functions();
    let groups = ["all", "pedantic", "nursery", "cargo", "restriction"].map(|group| format!("clippy::{group}"));
    let lints = allowed_by_default().into_iter().chain(groups);
    let levels: Vec<String> = lints.flat_map(|lint| ["-W".to_owned(), lint]).collect();
    let messages = clippy(&package, &levels);
    let of = |binary: &str| {
        let messages = messages.iter().filter(|(name, _)| name == binary);
        messages.map(|(_, message)| message).collect::<BTreeSet<_>>()
    };
    let mut compared = 0;
    for name in package.annotated() {
        let (annotated, plain) = (of(name), of(&plain(name)));
        compared += annotated.intersection(&plain).count();
        // `main` is the only caller of a handler, generated or not.
        let added = annotated
            .difference(&plain)
            .filter(|message| message.lint != "clippy::single_call_fn");
        let added: Vec<_> = added.collect();
        assert!(added.is_empty(), "{name}: {added:#?}");
    }
    // The functions are written for the lints of the other test only.
    assert!(compared > 20, "only {compared} messages: are the lints enabled?");
}
