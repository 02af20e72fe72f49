//! Compares the expansion of each form of handler with `docs/macro-expansion.md`, which shows it.
//!
//! `UPDATE_DOCS=1 cargo test -p lambda-stream-macros` rewrites the page.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use super::*;

const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// Returns the tokens as rustfmt writes them.
fn format(tokens: &TokenStream) -> String {
    let mut rustfmt = Command::new("rustfmt")
        .args(["--edition", "2024", "--config-path", REPOSITORY])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("rustfmt is installed: `rustup component add rustfmt`");
    let mut stdin = rustfmt.stdin.take().expect("it is piped");
    stdin.write_all(tokens.to_string().as_bytes()).expect("rustfmt reads");
    drop(stdin);
    let output = rustfmt.wait_with_output().expect("rustfmt ends");
    assert!(output.status.success(), "rustfmt rejected: {tokens}");
    String::from_utf8(output.stdout).expect("it is UTF-8")
}

/// Expands a program whose first item with an attribute is the handler. Returns the generated `main` function.
fn expand(program: &str) -> String {
    let (before, from_attribute) = program
        .split_once("#[lambda_stream::main")
        .expect("the program has the attribute");
    assert!(before.trim().is_empty(), "the attribute is first: {program}");
    let (arguments, item) = match from_attribute.strip_prefix(']') {
        Some(item) => ("", item),
        None => from_attribute
            .strip_prefix('(')
            .and_then(|text| text.split_once(")]"))
            .expect("arguments"),
    };
    let (arguments, item) = (
        arguments.parse().expect("tokens"),
        item.parse::<TokenStream>().expect("tokens"),
    );
    let expanded = main(arguments, item, &CompilerArguments::default());
    format(&expanded)
}

/// The page, with the blocks after each block of a program replaced by its expansion.
fn with_expansions(page: &str) -> String {
    let mut parts = page.split("```");
    let mut written = parts.next().unwrap_or_default().to_owned();
    let mut program: Option<String> = None;
    // Each block is followed by text.
    while let (Some(block), Some(text)) = (parts.next(), parts.next()) {
        let block = match (program.take(), block.strip_prefix("rust\n")) {
            (Some(program), Some(_)) => format!("rust\n{}", expand(&program)),
            (None, Some(code)) => {
                program = Some(code.to_owned());
                block.to_owned()
            }
            (_, None) => block.to_owned(),
        };
        written.push_str(&format!("```{block}```{text}"));
    }
    written
}

/// Returns whether this is the published package, which does not have the page. `cargo package` adds the file.
fn is_published_package() -> bool {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join(".cargo_vcs_info.json")
        .exists()
}

#[test]
fn page_shows_expansions() {
    if is_published_package() {
        return;
    }
    let path = Path::new(REPOSITORY).join("docs/macro-expansion.md");
    let page = std::fs::read_to_string(&path).expect("the page exists");
    let current = with_expansions(&page);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &current).expect("the page can be written");
    }
    assert!(
        page == current || std::env::var_os("UPDATE_DOCS").is_some(),
        "docs/macro-expansion.md is not up to date: run `UPDATE_DOCS=1 cargo test -p lambda-stream-macros`"
    );
}

#[test]
fn expansion_of_a_handler_has_less_than_fifteen_lines() {
    let program = "
        #[lambda_stream::main]
        async fn hello(Payload(visitor): Payload<Visitor>, mut stream: ResponseStream) -> Result<(), Error> {}";
    let expanded = expand(program);
    let main = expanded.split_once("fn main()").expect("it has a `main`").1;
    assert!(main.trim().lines().count() < 15, "fn main(){main}");
}
