//! The misuses in `examples`, read from the comments at the head of their files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

use crate::diagnostics::{Diagnostic, diagnostics};

/// The sections of the error page, in order: the value of `group:`, and the heading.
pub(crate) const GROUPS: [(&str, &str); 9] = [
    ("attribute", "The attribute and its arguments"),
    ("signature", "The signature"),
    ("parameters", "Parameters"),
    ("state", "State and `init`"),
    ("return", "Return types"),
    ("streams", "Streams"),
    ("send", "Async code and `Send`"),
    ("http", "HTTP and axum"),
    ("run", "`run` and `Runtime`"),
];

const WRONG_KEYS: [&str; 4] = ["group", "marked", "write", "verdict"];
const CORRECTED_KEYS: [&str; 7] = ["event", "request", "status", "response", "error", "init error", "env"];

/// One misuse: a folder with `wrong.rs`, `wrong.stderr` and `main.rs`.
pub(crate) struct Misuse {
    /// The name of the folder, and of the binary.
    pub(crate) name: String,
    /// What the user wrote or believed.
    pub(crate) sentence: String,
    /// An entry of [`GROUPS`].
    pub(crate) group: String,
    /// One per mistake.
    pub(crate) claims: Vec<Claim>,
    /// The answers to the three questions of [`QUESTIONS`](crate::verdicts::QUESTIONS).
    pub(crate) verdicts: [Verdict; 3],
    pub(crate) wrong: Source,
    /// The compiler's output for `wrong.rs`.
    pub(crate) output: String,
    pub(crate) corrected: Source,
    pub(crate) invocation: Invocation,
}

/// What the header says about one error.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Claim {
    pub(crate) marked: String,
    pub(crate) write: Option<String>,
}

/// The answer to one question, with the reason of a `no`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Verdict {
    Yes,
    No(String),
}

/// A file with a header.
#[derive(Debug)]
pub(crate) struct Source {
    /// The whole file.
    pub(crate) text: String,
    /// The number of lines of the header.
    pub(crate) header_lines: usize,
}

impl Source {
    /// Returns the program without its header.
    pub(crate) fn program(&self) -> String {
        let lines = self.text.lines().skip(self.header_lines);
        let lines: Vec<_> = lines.skip_while(|line| line.trim().is_empty()).collect();
        lines.join("\n") + "\n"
    }

    /// Returns the number of lines before the program.
    pub(crate) fn lines_before_program(&self) -> usize {
        self.text.lines().count() - self.program().lines().count()
    }
}

/// How the corrected version is invoked, and what it then does.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Invocation {
    pub(crate) event: EventSource,
    pub(crate) variables: Vec<(String, String)>,
    pub(crate) expected: Expected,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum EventSource {
    Json(String),
    /// The event of a Function URL.
    Request {
        method: String,
        target: String,
        body: Option<String>,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expected {
    Response { status: Option<u64>, body: String },
    Error { error_type: String },
    InitError { error_type: String },
}

impl Misuse {
    /// Returns the compiler's errors and warnings.
    pub(crate) fn diagnostics(&self) -> Vec<Diagnostic> {
        diagnostics(&self.output)
    }
}

/// Returns the folder of the package.
pub(crate) fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns the folder with one folder per misuse.
pub(crate) fn folder() -> PathBuf {
    package().join("examples")
}

/// Returns the executable of a corrected version, or an error if it is missing or older than its source.
///
/// `cargo test` builds the examples of a package, and `cargo test --test ui` and `cargo test NAME` do not.
pub(crate) fn executable(name: &str) -> Result<PathBuf, String> {
    let test = env::current_exe().expect("a path of the test executable");
    // The test is in `deps`.
    let profile = test.ancestors().nth(2).expect("a folder of the profile");
    let path = profile
        .join("examples")
        .join(name)
        .with_extension(env::consts::EXE_EXTENSION);
    let modified = |path: &Path| fs::metadata(path)?.modified();
    match (modified(&path), modified(&folder().join(name).join("main.rs"))) {
        (Ok(built), Ok(changed)) if built >= changed => Ok(path),
        _ => Err(
            "it was not built after its last change: run `cargo build -p lambda-stream-ui-tests --examples`".to_owned(),
        ),
    }
}

/// Returns all misuses in the order of their names.
///
/// # Panics
/// If a file is missing or its header is invalid. The message lists all problems.
pub(crate) fn misuses() -> Vec<Misuse> {
    let (misuses, problems) = read(&folder());
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
    misuses
}

/// Returns all misuses in the folder that can be read, and the problems of the others.
pub(crate) fn read(folder: &Path) -> (Vec<Misuse>, Vec<String>) {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("failed to read {}: {error}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("a folder entry").path()).collect();
    paths.sort();
    let mut misuses = Vec::new();
    let mut problems = Vec::new();
    for path in paths {
        match misuse(&path) {
            Ok(misuse) => misuses.push(misuse),
            Err(error) => problems.extend(error.into_iter().map(|error| format!("{}/{error}", path.display()))),
        }
    }
    (misuses, problems)
}

/// Reads one folder. Each error starts with the name of a file.
fn misuse(path: &Path) -> Result<Misuse, Vec<String>> {
    let read = |name: &str, advice: &str| {
        fs::read_to_string(path.join(name)).map_err(|error| vec![format!("{name}: {error}: {advice}")])
    };
    let wrong = read("wrong.rs", "write the misuse")?;
    let corrected = read("main.rs", "write the corrected version")?;
    let output = read(
        "wrong.stderr",
        "run `TRYBUILD=overwrite cargo test -p lambda-stream-ui-tests --test ui invalid`",
    )?;
    let wrong_header = Header::parse(&wrong, &WRONG_KEYS).map_err(|error| vec![format!("wrong.rs: {error}")])?;
    let (claims, verdicts, group) = claims(&wrong_header).map_err(|errors| {
        errors
            .into_iter()
            .map(|error| format!("wrong.rs: {error}"))
            .collect::<Vec<_>>()
    })?;
    let corrected_header =
        Header::parse(&corrected, &CORRECTED_KEYS).map_err(|error| vec![format!("main.rs: {error}")])?;
    let invocation = invocation(&corrected_header).map_err(|error| vec![format!("main.rs: {error}")])?;
    Ok(Misuse {
        name: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        sentence: wrong_header.sentence,
        group,
        claims,
        verdicts,
        wrong: Source {
            header_lines: wrong_header.lines,
            text: wrong,
        },
        output,
        corrected: Source {
            header_lines: corrected_header.lines,
            text: corrected,
        },
        invocation,
    })
}

/// The line comments at the head of a file.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Header {
    /// The text before the first key.
    pub(crate) sentence: String,
    /// Keys and values in order. A line without a key continues the one before.
    pub(crate) values: Vec<(String, String)>,
    /// The number of lines.
    pub(crate) lines: usize,
}

impl Header {
    pub(crate) fn parse(text: &str, keys: &[&str]) -> Result<Self, String> {
        let mut header = Self::default();
        for line in text.lines() {
            let Some(comment) = line.strip_prefix("//").filter(|rest| !rest.starts_with(['/', '!'])) else {
                break;
            };
            header.lines += 1;
            let comment = comment.strip_prefix(' ').unwrap_or(comment);
            let is_first = header.sentence.is_empty() && header.values.is_empty();
            let entry = comment.split_once(':');
            let entry = entry.filter(|(key, _)| keys.contains(key) || is_key(key) && !is_first);
            match entry {
                Some((key, value)) if keys.contains(&key) => {
                    // Spaces at the end of a line would be removed by an editor.
                    let value = value.strip_prefix(' ').unwrap_or(value);
                    header.values.push((key.to_owned(), value.trim_end().to_owned()));
                }
                Some((key, _)) => {
                    return Err(format!(
                        "the header has the unknown key `{key}`: write one of {}",
                        keys.join(", ")
                    ));
                }
                None => {
                    let (text, comment) = match header.values.last_mut() {
                        Some((_, value)) => (value, comment.trim()),
                        None => (&mut header.sentence, comment.trim()),
                    };
                    if !text.is_empty() {
                        text.push(' ');
                    }
                    text.push_str(comment);
                }
            }
        }
        Ok(header)
    }

    /// Returns the value of a key that occurs at most once.
    fn value(&self, key: &str) -> Result<Option<&str>, String> {
        let mut values = self.all(key);
        match (values.next(), values.next()) {
            (value, None) => Ok(value),
            _ => Err(format!("the header has `{key}:` twice: remove one")),
        }
    }

    fn all(&self, key: &str) -> impl Iterator<Item = &str> {
        self.values
            .iter()
            .filter(move |(name, _)| name == key)
            .map(|(_, value)| value.as_str())
    }
}

/// Whether a text before a colon is a key. A sentence has upper case letters, several words or code.
fn is_key(text: &str) -> bool {
    let words = text.split(' ').count();
    words <= 2 && !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b' ')
}

/// Returns the claims, the verdicts and the group in the header of `wrong.rs`, or all of its problems.
fn claims(header: &Header) -> Result<(Vec<Claim>, [Verdict; 3], String), Vec<String>> {
    let mut problems = Vec::new();
    if !header.sentence.ends_with('.') {
        problems.push("the header starts with a sentence that says what the user wrote or believed".to_owned());
    }
    let names: Vec<_> = GROUPS.iter().map(|(name, _)| *name).collect();
    let group = header.value("group").unwrap_or_default().unwrap_or_default();
    if !names.contains(&group) {
        problems.push(format!(
            "the group is {group:?}: write `// group:` and one of {}",
            names.join(", ")
        ));
    }
    let mut claims: Vec<Claim> = Vec::new();
    for (key, value) in &header.values {
        match (key.as_str(), claims.last_mut()) {
            ("marked", _) => claims.push(Claim {
                marked: value.clone(),
                write: None,
            }),
            ("write", Some(claim @ Claim { write: None, .. })) => claim.write = Some(value.clone()),
            ("write", _) => problems.push(format!("`write: {value}` needs its own `marked:` before it")),
            _ => {}
        }
    }
    if claims.is_empty() {
        problems.push("no `// marked:`: write the text that the first error underlines, or `nothing`".to_owned());
    }
    let verdicts = match header.value("verdict") {
        Ok(Some(verdict)) => verdicts(verdict),
        Ok(None) => Err("no `// verdict:`: write `yes, yes, yes`, with `no (reason)` in place of a yes".to_owned()),
        Err(error) => Err(error),
    };
    match verdicts {
        Ok(verdicts) if problems.is_empty() => Ok((claims, verdicts, group.to_owned())),
        Ok(_) => Err(problems),
        Err(error) => {
            problems.push(error);
            Err(problems)
        }
    }
}

/// Parses three verdicts: `yes, no (the reason, which may have commas), yes`.
pub(crate) fn verdicts(text: &str) -> Result<[Verdict; 3], String> {
    let mut rest = text.trim();
    let mut verdicts = Vec::new();
    loop {
        let verdict;
        (verdict, rest) = first_verdict(rest)?;
        verdicts.push(verdict);
        match rest.strip_prefix(',') {
            Some(next) => rest = next.trim_start(),
            None => break,
        }
    }
    if !rest.is_empty() {
        return Err(format!(
            "the verdict ends with {rest:?}: write a comma after each of the first two answers"
        ));
    }
    let count = verdicts.len();
    verdicts
        .try_into()
        .map_err(|_| format!("the verdict has {count} answers: write three, separated by commas"))
}

/// Returns the first verdict, and the text after it.
fn first_verdict(text: &str) -> Result<(Verdict, &str), String> {
    if let Some(rest) = text.strip_prefix("yes") {
        return Ok((Verdict::Yes, rest.trim_start()));
    }
    let Some(rest) = text.strip_prefix("no").map(str::trim_start) else {
        return Err(format!("the verdict has {text:?}: write `yes`, or `no (reason)`"));
    };
    let mut depth = 0_usize;
    for (index, character) in rest.char_indices() {
        match character {
            '(' => depth += 1,
            ')' if depth == 1 => {
                let reason = rest[1..index].trim();
                if reason.is_empty() {
                    break;
                }
                return Ok((Verdict::No(reason.to_owned()), rest[index + 1..].trim_start()));
            }
            ')' => depth = depth.saturating_sub(1),
            _ if depth == 0 => break,
            _ => {}
        }
    }
    Err("the verdict has `no` without a reason: write `no (reason)`".to_owned())
}

/// Returns the invocation in the header of `main.rs`.
pub(crate) fn invocation(header: &Header) -> Result<Invocation, String> {
    let text = |key| Ok::<_, String>(header.value(key)?.map(unescape));
    let event = match (header.value("event")?, header.value("request")?) {
        (Some(_), Some(_)) => return Err("both `event:` and `request:`: write one of them".to_owned()),
        (event, None) => EventSource::Json(event.unwrap_or("{}").to_owned()),
        (None, Some(request)) => {
            let mut parts = request.splitn(3, ' ');
            match (parts.next(), parts.next()) {
                (Some(method), Some(target)) if target.starts_with('/') => EventSource::Request {
                    method: method.to_owned(),
                    target: target.to_owned(),
                    body: parts.next().map(str::to_owned),
                },
                _ => return Err("`request:` is not of the form `POST /path?query body`".to_owned()),
            }
        }
    };
    let status = header.value("status")?.map(|status| match status.parse() {
        Ok(status) => Ok(status),
        Err(_) => Err(format!("`status: {status}` is not a number")),
    });
    let status = status.transpose()?;
    let owned = |key| Ok::<_, String>(header.value(key)?.map(str::to_owned));
    let expected = match (text("response")?, owned("error")?, owned("init error")?) {
        (Some(body), None, None) => Expected::Response { status, body },
        (None, Some(error_type), None) => Expected::Error { error_type },
        (None, None, Some(error_type)) => Expected::InitError { error_type },
        (None, None, None) => return Err("no `// response:`: write the body that the caller receives".to_owned()),
        _ => return Err("more than one of `response:`, `error:` and `init error:`: write one".to_owned()),
    };
    let variables = header.all("env").map(|variable| match variable.split_once('=') {
        Some((name, value)) => Ok((name.to_owned(), value.to_owned())),
        None => Err(format!("`env: {variable}` is not of the form `NAME=value`")),
    });
    Ok(Invocation {
        event,
        variables: variables.collect::<Result<_, _>>()?,
        expected,
    })
}

/// Replaces `\n`, `\t`, `\r`, `\"` and `\\`. Other backslashes remain.
fn unescape(text: &str) -> String {
    let mut unescaped = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        let escaped = match character {
            '\\' => characters.clone().next().and_then(|next| match next {
                'n' => Some('\n'),
                't' => Some('\t'),
                'r' => Some('\r'),
                '"' | '\\' => Some(next),
                _ => None,
            }),
            _ => None,
        };
        if escaped.is_some() {
            characters.next();
        }
        unescaped.push(escaped.unwrap_or(character));
    }
    unescaped
}

/// Returns the number of `yes` for each question.
pub(crate) fn count_yes(misuses: &[Misuse]) -> [usize; 3] {
    let count = |question: usize| {
        let answers = misuses.iter().map(|misuse| &misuse.verdicts[question]);
        answers.filter(|verdict| **verdict == Verdict::Yes).count()
    };
    [count(0), count(1), count(2)]
}

/// Returns the number of misuses by group.
pub(crate) fn count_by_group(misuses: &[Misuse]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for misuse in misuses {
        *counts.entry(misuse.group.as_str()).or_default() += 1;
    }
    counts
}
