//! Checks that `docs/guarantees.md` names tests for each guarantee, and that each named test exists.
//!
//! A test is named `target::path::name` in the column "tests" of a table, in backticks: as `--list` of the test target
//! prints it, with the name of the target in front. `lib` stands for the unit tests of the library.

// Some of the named tests are compiled for Linux only.
#![cfg(target_os = "linux")]
#![allow(clippy::panic, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// The target of the library's unit tests, as the page names it.
const LIB: &str = "lib";

/// The name of the library's test executable, without its hash.
const LIB_EXECUTABLE: &str = "lambda_stream";

/// One row of a table of guarantees.
#[derive(Debug, PartialEq)]
struct Guarantee {
    /// The line of the page, from 1.
    line: usize,
    condition: String,
    tests: Vec<String>,
}

/// Returns the guarantees of the page: the rows of all tables whose last column is "tests".
fn guarantees(page: &str) -> Vec<Guarantee> {
    let mut found = Vec::new();
    let mut in_table = false;
    for (index, line) in page.lines().enumerate() {
        let Some(cells) = cells(line) else {
            in_table = false;
            continue;
        };
        let (Some(condition), Some(tests)) = (cells.first(), cells.last()) else {
            continue;
        };
        if *tests == "tests" {
            in_table = true;
        } else if in_table && !tests.starts_with("---") {
            found.push(Guarantee {
                line: index + 1,
                condition: (*condition).to_owned(),
                // Every second part is between two backticks.
                tests: tests.split('`').skip(1).step_by(2).map(str::to_owned).collect(),
            });
        }
    }
    found
}

/// Returns the cells of a table's row, or `None` for any other line.
fn cells(line: &str) -> Option<Vec<&str>> {
    let row = line.strip_prefix('|')?.trim_end().strip_suffix('|')?;
    Some(row.split('|').map(str::trim).collect())
}

/// Returns the problems of `guarantees`, one line each. `existing` has the paths of all tests by target.
fn problems(guarantees: &[Guarantee], existing: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let mut problems = Vec::new();
    if guarantees.is_empty() {
        problems.push("the page has no table with the columns condition, behavior and tests".to_owned());
    }
    for Guarantee { line, condition, tests } in guarantees {
        if tests.is_empty() {
            problems.push(format!("line {line}: no test is named for {condition:?}"));
        }
        for name in tests {
            let problem = match name.split_once("::") {
                None => "is not of the form `target::path::name`",
                Some((target, path)) => match existing.get(target) {
                    None => "names a test target that does not exist",
                    Some(paths) if !paths.contains(path) => "does not exist",
                    Some(_) => continue,
                },
            };
            problems.push(format!("line {line}: `{name}` {problem}"));
        }
    }
    problems
}

/// Returns the paths of all tests of these test targets, by target.
///
/// `cargo test --workspace` builds all test targets before it runs this test, and releases its lock on the target directory
/// before it runs tests. If this test runs alone, the call builds the other targets.
fn existing_tests(targets: &BTreeSet<&str>) -> BTreeMap<String, BTreeSet<String>> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    // The features are those of the README's test command. With other features, cargo would rebuild the dependencies.
    let build = run(Command::new(cargo)
        .args([
            "test",
            "--workspace",
            "--all-features",
            "--tests",
            "--no-run",
            "--message-format=json",
        ])
        .arg("--target-dir")
        .arg(target_directory())
        .current_dir(root()));
    let mut tests: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for executable in test_executables(&build) {
        let target = target_name(&executable).unwrap_or_default();
        if targets.contains(target) {
            let list = run(Command::new(&executable).arg("--list").current_dir(root()));
            let paths = list.lines().filter_map(|line| line.strip_suffix(": test"));
            tests
                .entry(target.to_owned())
                .or_default()
                .extend(paths.map(str::to_owned));
        }
    }
    tests
}

/// Returns the test executables named in cargo's JSON messages, which are in the folder `deps`. Other binaries are not.
fn test_executables(messages: &str) -> Vec<PathBuf> {
    messages
        .lines()
        .filter_map(|message| message.split_once(r#""executable":""#)?.1.split_once('"'))
        .map(|(path, _)| PathBuf::from(path))
        .filter(|path| path.parent().is_some_and(|folder| folder.ends_with("deps")))
        .collect()
}

/// Returns the name of a test target from its executable, which has a hash at its end.
fn target_name(executable: &Path) -> Option<&str> {
    match executable.file_stem()?.to_str()?.rsplit_once('-')? {
        (LIB_EXECUTABLE, _) => Some(LIB),
        (name, _) => Some(name),
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Returns the target directory that this test was built in.
fn target_directory() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("..")
}

/// Runs a command and returns its standard output.
fn run(command: &mut Command) -> String {
    let output = match command.output() {
        Ok(output) => output,
        Err(error) => panic!("failed to start {command:?}: {error}"),
    };
    assert!(
        output.status.success(),
        "{command:?} failed with {}:\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn named_tests_exist() {
    let path = root().join("docs/guarantees.md");
    let page = match fs::read_to_string(&path) {
        Ok(page) => page,
        Err(error) => panic!("failed to read {}: {error}", path.display()),
    };
    let guarantees = guarantees(&page);
    let names = guarantees.iter().flat_map(|guarantee| &guarantee.tests);
    let targets = names.filter_map(|name| Some(name.split_once("::")?.0)).collect();
    let problems = problems(&guarantees, &existing_tests(&targets));
    assert!(problems.is_empty(), "docs/guarantees.md:\n{}", problems.join("\n"));
}

const PAGE: &str = "\
| limit | value |
|---|---|
| `buffer` | 64 KiB |

| condition | behavior | tests |
|---|---|---|
| `A` fails | exit | `lib::a::b`<br>`faults::c` |
| B fails | exit | none |
";

fn page_tests() -> BTreeMap<String, BTreeSet<String>> {
    let set = |path: &str| BTreeSet::from([path.to_owned()]);
    BTreeMap::from([("lib".to_owned(), set("a::b")), ("faults".to_owned(), set("c"))])
}

#[test]
fn table_rows_are_parsed() {
    let guarantee = |line, condition: &str, tests: &[&str]| Guarantee {
        line,
        condition: condition.to_owned(),
        tests: tests.iter().map(|&name| name.to_owned()).collect(),
    };
    let expected = [
        guarantee(7, "`A` fails", &["lib::a::b", "faults::c"]),
        guarantee(8, "B fails", &[]),
    ];
    assert_eq!(guarantees(PAGE), expected);
}

#[test]
fn missing_tests_are_reported() {
    let check = |page: &str| problems(&guarantees(page), &page_tests());
    assert_eq!(check(PAGE), [r#"line 8: no test is named for "B fails""#]);
    assert_eq!(check("no table").len(), 1);
    for (name, problem) in [
        ("faults::d", "does not exist"),
        ("fault::c", "names a test target that does not exist"),
        ("c", "is not of the form `target::path::name`"),
    ] {
        let page = PAGE.replace("none", &format!("`{name}`"));
        assert_eq!(check(&page), [format!("line 8: `{name}` {problem}")]);
    }
}

#[test]
fn test_executables_are_found() {
    let messages = concat!(
        r#"{"reason":"compiler-artifact","target":{"name":"hello"},"executable":"/target/debug/hello"}"#,
        "\n",
        r#"{"reason":"compiler-artifact","target":{"name":"faults"},"executable":"/target/debug/deps/faults-0a1b"}"#,
        "\n",
        r#"{"reason":"compiler-artifact","target":{"name":"lambda_stream"},"executable":null}"#,
    );
    let found = test_executables(messages);
    assert_eq!(found, [PathBuf::from("/target/debug/deps/faults-0a1b")]);
    assert_eq!(target_name(&found[0]), Some("faults"));
    assert_eq!(target_name(Path::new("/deps/lambda_stream-0a1b")), Some(LIB));
}
