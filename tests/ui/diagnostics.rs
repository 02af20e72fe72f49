//! The errors and warnings in the compiler's output, and the source text that each underlines.

/// One error or warning with all of its notes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Diagnostic {
    /// The whole text.
    pub(crate) text: String,
}

/// Splits the output of the compiler.
pub(crate) fn diagnostics(output: &str) -> Vec<Diagnostic> {
    let mut diagnostics: Vec<Diagnostic> = Vec::new();
    for line in output.lines() {
        if is_headline(line) {
            diagnostics.push(Diagnostic { text: String::new() });
        }
        if let Some(Diagnostic { text }) = diagnostics.last_mut() {
            text.push_str(line);
            text.push('\n');
        }
    }
    for Diagnostic { text } in &mut diagnostics {
        text.truncate(text.trim_end().len());
    }
    diagnostics
}

/// Whether a line starts an error or a warning: `error: …`, `error[E0277]: …`, `warning: …`.
fn is_headline(line: &str) -> bool {
    let rest = line.strip_prefix("error").or_else(|| line.strip_prefix("warning"));
    rest.is_some_and(|rest| rest.starts_with(": ") || rest.starts_with('['))
}

/// Whether a line starts a note or a suggestion with its own span.
pub(crate) fn is_subdiagnostic(line: &str) -> bool {
    ["note: ", "help: "].iter().any(|label| line.starts_with(label))
}

/// Returns the line and the column of `--> path:line:column`, if the path ends with `file`.
pub(crate) fn location(line: &str, file: &str) -> Option<(usize, usize)> {
    let (path, rest) = line
        .trim_start()
        .strip_prefix("--> ")?
        .split_once(&format!("{file}:"))?;
    let (line, column) = rest.split_once(':')?;
    let is_file = path.is_empty() || path.ends_with('/');
    is_file.then_some((line.parse().ok()?, column.parse().ok()?))
}

impl Diagnostic {
    /// Returns the message without `error[E0277]: `.
    pub(crate) fn message(&self) -> &str {
        let headline = self.text.lines().next().unwrap_or_default();
        headline.split_once(": ").map_or(headline, |(_, message)| message)
    }

    /// Returns what the compiler says: the text without the lines of the program that it quotes. The lines of a suggestion
    /// remain, because they are not those of the program.
    pub(crate) fn said(&self) -> String {
        let mut in_suggestion = false;
        let lines = self.text.lines().filter(|line| {
            if is_subdiagnostic(line) {
                in_suggestion = line.starts_with("help: ");
            }
            in_suggestion || !matches!(gutter(line), Some((Some(_), _)))
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    /// Returns the source text under the carets, or `None` if they are not in `file`, whose text is `source`,
    /// or at the end of a line.
    ///
    /// Several underlined places are joined by ` … `. White space, including line breaks, counts as one space.
    pub(crate) fn underlined(&self, file: &str, source: &str) -> Option<String> {
        let lines: Vec<_> = self.text.lines().take_while(|line| !is_subdiagnostic(line)).collect();
        let start = lines.iter().find_map(|line| location(line, file))?;
        let source: Vec<Vec<char>> = source.lines().map(|line| line.chars().collect()).collect();
        let mut parts = Vec::new();
        let mut shown: Option<Shown<'_>> = None;
        for line in lines {
            let Some((number, display)) = gutter(line) else {
                continue;
            };
            let display: Vec<char> = display.chars().collect();
            match (number, &shown) {
                (Some(number), _) => {
                    let text = source.get(number.checked_sub(1)?)?;
                    shown = Some(Shown {
                        number,
                        text,
                        offset: offset(&display, text)?,
                    });
                }
                (None, Some(shown)) => parts.extend(shown.underlined(&display, start, &source)),
                (None, None) => {}
            }
        }
        let parts: Vec<_> = parts.iter().map(|part| normalized(part)).collect();
        Some(parts.join(" … ")).filter(|text| !text.is_empty())
    }
}

/// A source line in the compiler's output.
struct Shown<'a> {
    /// From 1.
    number: usize,
    text: &'a [char],
    /// The column of the output in which the source line starts.
    offset: usize,
}

impl Shown<'_> {
    /// Returns the texts over the carets of the line of marks below this line. `start` is where the error starts.
    fn underlined(&self, marks: &[char], start: (usize, usize), source: &[Vec<char>]) -> Vec<String> {
        let mut parts = Vec::new();
        for (mut first, end) in runs(marks) {
            let underscores = marks[..first].iter().rev().take_while(|mark| **mark == '_').count();
            let before = marks[..first - underscores].last();
            if underscores > 0 && start.0 != self.number && before == Some(&'|') {
                // The end of a span over several lines: `|____^`.
                parts.push(text_between(
                    source,
                    start,
                    (self.number, end.saturating_sub(self.offset)),
                ));
                continue;
            }
            if underscores > 0 && before != Some(&'|') {
                // Its start: `____^`.
                continue;
            }
            // The marks of another place inside of the underlined one hide its start.
            let column = self.offset + start.1 - 1;
            if start.0 == self.number && column < first && marks[column..first].iter().all(|mark| *mark == '-') {
                first = column;
            }
            let range = first.saturating_sub(self.offset)..end.saturating_sub(self.offset).min(self.text.len());
            parts.extend(self.text.get(range).map(String::from_iter));
        }
        parts
    }
}

/// Returns the start and the end of each run of carets. The marks of another place inside of a run belong to it.
fn runs(marks: &[char]) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for (index, mark) in marks.iter().enumerate() {
        if *mark != '^' {
            continue;
        }
        match runs.last_mut() {
            Some((first, end)) if marks[*first..index].iter().all(|mark| "^-".contains(*mark)) => *end = index + 1,
            _ => runs.push((index, index + 1)),
        }
    }
    runs
}

/// Returns the text from a line and column, both from 1, to the end column of a line.
fn text_between(source: &[Vec<char>], start: (usize, usize), end: (usize, usize)) -> String {
    let mut text = String::new();
    for number in start.0..=end.0 {
        let Some(line) = source.get(number - 1) else { break };
        let first = if number == start.0 { start.1 - 1 } else { 0 };
        let last = if number == end.0 {
            end.1.min(line.len())
        } else {
            line.len()
        };
        text.extend(line.get(first..last).unwrap_or_default());
        text.push('\n');
    }
    text
}

/// Splits a line into the number in front of the first `|`, if there is one, and the text behind the `|`.
pub(crate) fn gutter(line: &str) -> Option<(Option<usize>, &str)> {
    let (number, rest) = line.split_once('|')?;
    let display = rest.strip_prefix(' ').unwrap_or(rest);
    match number.trim() {
        "" => Some((None, display)),
        digits => Some((Some(digits.parse().ok()?), display)),
    }
}

/// Returns the column in which the source line starts: behind the marks of spans over several lines.
fn offset(display: &[char], text: &[char]) -> Option<usize> {
    let trimmed = |line: &[char]| {
        line.iter()
            .rposition(|character| !character.is_whitespace())
            .map_or(0, |it| it + 1)
    };
    let (display, text) = (&display[..trimmed(display)], &text[..trimmed(text)]);
    // A mark at the start of a span takes the place of the indentation.
    let code = text.iter().skip_while(|character| character.is_whitespace()).copied();
    let code: Vec<char> = code.collect();
    display
        .ends_with(&code)
        .then(|| (display.len() - code.len()).checked_sub(text.len() - code.len()))?
}

/// Returns the text with each run of white space as one space.
pub(crate) fn normalized(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns the text as `write:` is compared: without backquotes, and with each run of white space as one space.
pub(crate) fn comparable(text: &str) -> String {
    normalized(&text.replace('`', ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "\
#[lambda_stream::main]
async fn handler(first: ResponseStream, second: ResponseStream) {
    run(|event: u8| async {
        event
    });
}
";

    /// Asserts that the error with these lines below its location underlines this text.
    #[track_caller]
    fn assert_underlined(location: &str, lines: &str, expected: Option<&str>) {
        let text = format!("error[E0277]: no\n --> examples/{location}\n  |\n{lines}note: elsewhere\n3 | x\n  | ^\n");
        let found = diagnostics(&text);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].underlined("wrong.rs", SOURCE).as_deref(), expected);
    }

    #[test]
    fn carets_in_one_line_are_found() {
        let lines = "\
1 | #[lambda_stream::main]
  | ---------------------- in this attribute macro expansion
2 | async fn handler(first: ResponseStream, second: ResponseStream) {
  |                  -----                  ^^^^^^ the same kind
  |                  |
  |                  first
";
        assert_underlined("a/wrong.rs:2:41", lines, Some("second"));
        let lines = "\
2 | async fn handler(first: ResponseStream, second: ResponseStream) {
  |                  ^^^^^                  ^^^^^^
";
        assert_underlined("a/wrong.rs:2:18", lines, Some("first … second"));
    }

    #[test]
    fn marks_inside_of_carets_are_part_of_them() {
        let lines = "\
2 | async fn handler(first: ResponseStream, second: ResponseStream) {
  |                  ^^^^^--^^^^^^^^^^^^^^
  |                       |
  |                       here
";
        assert_underlined("a/wrong.rs:2:18", lines, Some("first: ResponseStream"));
        let lines = "\
2 | async fn handler(first: ResponseStream, second: ResponseStream) {
  |                  -------^^^^^^^^^^^^^^
";
        assert_underlined("a/wrong.rs:2:18", lines, Some("first: ResponseStream"));
        assert_underlined("a/wrong.rs:2:25", lines, Some("ResponseStream"));
        let lines = "\
3 |   /     run(|event: u8| async {
4 |   |         event
  |   |_________^^^^^ no
";
        assert_underlined("a/wrong.rs:4:9", lines, Some("event"));
    }

    #[test]
    fn caret_behind_a_line_underlines_nothing() {
        let lines = "5 |     });\n  |        ^ help: add `;` here\n";
        assert_underlined("a/wrong.rs:5:8", lines, None);
    }

    #[test]
    fn carets_over_several_lines_are_found() {
        let lines = "\
3 |       run(|event: u8| async {
  |  _____---_^
  | |     |
  | |     required by a bound introduced by this call
4 | |         event
5 | |     });
  | |_____^ no
";
        assert_underlined("a/wrong.rs:3:9", lines, Some("|event: u8| async { event }"));
        let lines = "\
3 | /     run(|event: u8| async {
4 | |         event
5 | |     });
  | |______^ no
";
        assert_underlined("a/wrong.rs:3:5", lines, Some("run(|event: u8| async { event })"));
    }

    #[test]
    fn other_files_have_no_underlined_text() {
        let lines = "2 | async fn other() {}\n  | ^^^^^\n";
        assert_underlined("a/other.rs:2:1", lines, None);
        assert_underlined("a/not_wrong.rs:2:1", lines, None);
    }

    #[test]
    fn quoted_program_is_not_said() {
        let text = "error: a\n --> x\n  |\n3 | quoted\n  | ^^^ label\nnote: b\n3 | quoted\nhelp: c\n3 | suggested";
        let said = diagnostics(text)[0].said();
        assert_eq!(said, text.replace("3 | quoted\n", ""));
    }

    #[test]
    fn output_is_split_at_errors_and_warnings() {
        let output = "warning: a\n --> x\n\nerror[E0001]: b: c\n  = note: error: d\n\nerror: e\n";
        let found = diagnostics(output);
        let messages: Vec<_> = found.iter().map(Diagnostic::message).collect();
        assert_eq!(messages, ["a", "b: c", "e"]);
        assert_eq!(found[1].text, "error[E0001]: b: c\n  = note: error: d");
    }
}
