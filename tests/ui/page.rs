//! Generates the error pages of the documentation from the catalogue: a list of all errors, and one page per group.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::{env, fs};

use crate::catalogue::{self, GROUPS, Misuse};
use crate::diagnostics::{gutter, is_subdiagnostic, location};
use crate::diff::{changed_lines, diff};

/// The command that writes the pages.
const UPDATE: &str = "UPDATE_DOCS=1 cargo test -p lambda-stream-ui-tests --test ui error_page";

/// GitHub shows no more of a page.
const MAX_LENGTH: usize = 500 * 1024;

const INTRODUCTION: &str = "\
# Compile errors

Mistakes in the use of `#[lambda_stream::main]` and `lambda_stream::run`: the program, the error of the compiler, and the
correction. To find an error, search this list for its text.

Each program is compiled by a test, and so is each correction, which is also run. The errors are those of Rust 1.95.
Parts of the programs are left out (`// …`), and so are notes about the source of libraries (`note: required by …`).
";

const GENERATED: &str = "
<!-- Generated from tests/ui/examples. To change this page, change the catalogue and run
UPDATE_DOCS=1 cargo test -p lambda-stream-ui-tests --test ui error_page -->
";

/// What stands for the names that trybuild replaces.
const PLACEHOLDERS: [(&str, &str); 5] = [
    ("$WORKSPACE/", ""),
    ("$CARGO/", ""),
    ("$CRATE", "my_function"),
    ("-$VERSION", ""),
    ("and $N others", "and others"),
];

/// The folder with the page of each group, below the folder of [`LIST`].
const FOLDER: &str = "macro-errors";

/// The page with the list of all errors.
const LIST: &str = "macro-errors.md";

fn docs() -> PathBuf {
    catalogue::package().join("../../docs")
}

/// Returns the text of each page by its path in `docs`.
fn pages(misuses: &[Misuse]) -> BTreeMap<String, String> {
    let mut pages = BTreeMap::new();
    let mut list = format!("{INTRODUCTION}{GENERATED}");
    for (group, heading) in GROUPS {
        let misuses = in_group(misuses, group);
        if misuses.is_empty() {
            continue;
        }
        let path = format!("{FOLDER}/{group}.md");
        list += &format!("\n## [{heading}]({path})\n\n{}", contents(&misuses, &path));
        let mut page = format!("# Compile errors: {heading}\n\nThe list of [all errors](../{LIST}).\n{GENERATED}");
        for misuse in misuses {
            page += &format!("\n{}", entry(misuse));
        }
        pages.insert(path, page);
    }
    pages.insert(LIST.to_owned(), list);
    pages
}

fn in_group<'a>(misuses: &'a [Misuse], group: &str) -> Vec<&'a Misuse> {
    misuses.iter().filter(|misuse| misuse.group == group).collect()
}

/// Returns the list of messages, each with links to the misuses that have it, which are on the page `path`.
fn contents(misuses: &[&Misuse], path: &str) -> String {
    let mut links: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for misuse in misuses {
        for diagnostic in misuse.diagnostics() {
            let links = links
                .entry(renumbered(
                    diagnostic.message(),
                    misuse.wrong.lines_before_program(),
                    false,
                ))
                .or_default();
            let link = format!("[{}]({path}#{})", misuse.sentence.trim_end_matches('.'), misuse.name);
            if !links.contains(&link) {
                links.push(link);
            }
        }
    }
    let items = links.iter();
    let items = items.map(|(message, links)| format!("- {}: {}\n", escaped(message), links.join(", ")));
    items.collect()
}

/// Returns the section of one misuse.
fn entry(misuse: &Misuse) -> String {
    let corrected = diff(&misuse.wrong.program(), &misuse.corrected.program());
    format!(
        "<a id=\"{}\"></a>\n\n## {}\n\n```rust\n{}```\n\n```text\n{}\n```\n\n```diff\n{corrected}```\n",
        misuse.name,
        misuse.sentence.trim_end_matches('.'),
        excerpt(misuse),
        message(misuse),
    )
}

/// Returns the items of the wrong program that the correction changes or the compiler quotes. `// …` stands for the others.
///
/// Items are separated by empty lines.
fn excerpt(misuse: &Misuse) -> String {
    let wrong = misuse.wrong.program();
    let header = misuse.wrong.lines_before_program();
    let quoted = misuse.diagnostics();
    let quoted = quoted.iter().flat_map(|diagnostic| diagnostic.text.lines());
    let mut shown: BTreeSet<usize> = quoted
        .filter_map(|line| Some(location(line, "wrong.rs")?.0 - header))
        .collect();
    shown.extend(changed_lines(&wrong, &misuse.corrected.program()));
    let lines: Vec<_> = wrong.lines().collect();
    let mut items: Vec<Option<String>> = Vec::new();
    let mut number = 1;
    for item in lines.split(|line| line.is_empty()) {
        let numbers = number..number + item.len();
        number = numbers.end + 1;
        let is_shown = shown.range(numbers).next().is_some();
        if is_shown {
            items.push(Some(item.join("\n")));
        } else if items.last() != Some(&None) {
            items.push(None);
        }
    }
    let items = items.into_iter().map(|item| item.unwrap_or_else(|| "// …".to_owned()));
    items.collect::<Vec<_>>().join("\n\n") + "\n"
}

/// Returns the message as the user of a package sees it: with the path `src/main.rs` and the line numbers of the program
/// without its header. Notes with a span outside of the program are left out.
pub(crate) fn message(misuse: &Misuse) -> String {
    let header = misuse.wrong.lines_before_program();
    let diagnostics = misuse.diagnostics();
    let messages = diagnostics.iter().map(|diagnostic| {
        let lines: Vec<_> = diagnostic.text.lines().collect();
        // The first part is the error itself.
        let parts = lines.chunk_by(|_, next| !is_subdiagnostic(next));
        let parts = parts.flat_map(|part| part_of_message(part, header));
        parts.collect::<Vec<_>>().join("\n").trim_end().to_owned()
    });
    messages.collect::<Vec<_>>().join("\n\n")
}

/// Returns the lines of an error, or of a note with a span, for the page.
fn part_of_message(part: &[&str], header: usize) -> Vec<String> {
    let arrow = part.iter().find(|line| line.trim_start().starts_with("--> "));
    let is_elsewhere = arrow.is_some_and(|line| location(line, "wrong.rs").is_none());
    let mut is_kept = !is_elsewhere && !part[0].starts_with("note: required by ");
    let mut is_program = true;
    let mut lines = Vec::new();
    for line in part {
        let trimmed = line.trim_start();
        if ["--> ", "::: "].iter().any(|arrow| trimmed.starts_with(arrow)) {
            is_program = location(line, "wrong.rs").is_some();
        }
        if trimmed.starts_with("= ") {
            // A note without a span belongs to the error, also behind a note with one.
            is_kept = !trimmed.starts_with("= note: this error originates in ");
        }
        if is_kept {
            lines.push(renumbered(line, header, is_program));
        }
    }
    lines
}

/// Subtracts the lines of the header from the numbers in a line of the message, and replaces the path of `wrong.rs`.
fn renumbered(line: &str, header: usize, is_program: bool) -> String {
    let mut line = PLACEHOLDERS
        .iter()
        .fold(line.to_owned(), |line, (name, text)| line.replace(name, text));
    if let (true, Some((Some(number), _))) = (is_program, gutter(&line)) {
        let width = line.find('|').unwrap_or_default();
        line = format!("{:<width$}{}", number.saturating_sub(header), &line[width..]);
    }
    let mut replaced = String::new();
    let mut rest = line.as_str();
    while let Some(end) = rest.find("wrong.rs") {
        let (before, after) = rest.split_at(end);
        let start = before.rfind([' ', '@', '`', '(']).map_or(0, |index| index + 1);
        replaced += &before[..start];
        replaced += "src/main.rs";
        rest = &after["wrong.rs".len()..];
        // `:line:column`, and for a closure `: line:column` of its end.
        for separator in [":", ": "] {
            let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
            let Some(number) = rest.strip_prefix(separator).filter(|number| digits(number) > 0) else {
                break;
            };
            let length = digits(number);
            let column = number[length..]
                .strip_prefix(':')
                .map_or(0, |column| 1 + digits(column));
            let value: usize = number[..length].parse().unwrap_or_default();
            let end = length + column;
            replaced += &format!("{separator}{}{}", value.saturating_sub(header), &number[length..end]);
            rest = &number[end..];
        }
    }
    replaced + rest
}

/// Returns a message as Markdown: it has code in backquotes, and nothing else is markup.
fn escaped(message: &str) -> String {
    let parts = message.split('`').enumerate();
    let parts = parts.map(|(index, part)| match index % 2 {
        0 => part
            .replace('<', "\\<")
            .replace('[', "\\[")
            .replace('*', "\\*")
            .replace('_', "\\_"),
        _ => format!("`{part}`"),
    });
    parts.collect()
}

/// Returns the paths of the pages in `docs`.
fn existing_pages() -> Vec<String> {
    let entries = fs::read_dir(docs().join(FOLDER)).into_iter().flatten();
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    names
        .map(|name| format!("{FOLDER}/{name}"))
        .chain([LIST.to_owned()])
        .collect()
}

#[test]
fn error_pages_match_catalogue() {
    let pages = pages(&catalogue::misuses());
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::remove_dir_all(docs().join(FOLDER)).unwrap_or_default();
        fs::create_dir(docs().join(FOLDER)).expect("docs is writable");
        for (path, text) in &pages {
            fs::write(docs().join(path), text).expect("docs is writable");
        }
    }
    for path in existing_pages() {
        assert!(
            pages.contains_key(&path),
            "docs/{path} is not in the catalogue: run\n{UPDATE}"
        );
    }
    for (path, expected) in &pages {
        let found = fs::read_to_string(docs().join(path)).unwrap_or_default();
        let mut lines = found.lines().zip(expected.lines());
        let equal = lines.position(|(found, expected)| found != expected);
        let line = equal.unwrap_or_else(|| found.lines().count().min(expected.lines().count())) + 1;
        assert!(
            found == *expected,
            "docs/{path} differs from the catalogue from line {line}: run\n{UPDATE}"
        );
        assert!(
            expected.len() <= MAX_LENGTH,
            "docs/{path} is too long for GitHub: split the group"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_program() {
        assert_eq!(
            renumbered("  --> examples/a/wrong.rs:12:3", 4, true),
            "  --> src/main.rs:8:3"
        );
        assert_eq!(renumbered("12 | fn a() {}", 4, true), "8  | fn a() {}");
        assert_eq!(renumbered("12 | fn a() {}", 4, false), "12 | fn a() {}");
        assert_eq!(
            renumbered(
                "  = help: within `{async block@examples/a/wrong.rs:12:1: 12:23}`, the",
                4,
                true
            ),
            "  = help: within `{async block@src/main.rs:8:1: 8:23}`, the"
        );
        assert_eq!(
            renumbered(
                "  = help: within `{async block@$DIR/examples/a/wrong.rs:12:1: 13:23}`, the",
                4,
                true
            ),
            "  = help: within `{async block@src/main.rs:8:1: 9:23}`, the"
        );
    }

    #[test]
    fn path_in_the_name_of_a_closure_is_replaced() {
        let message =
            "expected `{closure@wrong.rs:11:33}` to return `Event`, not `{closure@$DIR/a/wrong.rs:12:1: 13:2}`";
        let expected = "expected `{closure@src/main.rs:7:33}` to return `Event`, not `{closure@src/main.rs:8:1: 9:2}`";
        assert_eq!(renumbered(message, 4, true), expected);
    }

    #[test]
    fn notes_about_other_files_are_left_out() {
        let text = "\
error[E0277]: no
 --> examples/a/wrong.rs:12:3
  |
note: here
 --> examples/a/wrong.rs:13:1
note: required by a bound in `extract`
 --> $WORKSPACE/lambda-stream/src/handler.rs
  |
  | fn extract() {}
  = note: for `Order`
  = note: this error originates in the attribute macro `lambda_stream::main`
note: defined here
 --> $RUST/core/src/option.rs";
        let lines: Vec<_> = text.lines().collect();
        let parts = lines.chunk_by(|_, next| !is_subdiagnostic(next));
        let kept: Vec<_> = parts.flat_map(|part| part_of_message(part, 10)).collect();
        let expected = [
            "error[E0277]: no",
            " --> src/main.rs:2:3",
            "  |",
            "note: here",
            " --> src/main.rs:3:1",
            "  = note: for `Order`",
        ];
        assert_eq!(kept, expected);
    }

    #[test]
    fn text_outside_of_code_is_escaped() {
        assert_eq!(escaped("a <b> `Vec<_>` c_d"), "a \\<b> `Vec<_>` c\\_d");
    }
}
