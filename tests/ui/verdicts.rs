//! Checks that the header of each misuse describes the compiler's output.

use std::collections::BTreeSet;

use crate::catalogue::{self, Misuse, Verdict};
use crate::diagnostics::{Diagnostic, comparable, normalized};
use crate::diff::changed_lines;

/// The questions that the verdicts answer.
pub(crate) const QUESTIONS: [&str; 3] = [
    "the first error underlines what must change, and nothing else",
    "its text says what to write, in the names of the program",
    "it is the only error",
];

/// The value of `marked:` for an error that underlines nothing in `wrong.rs`.
const NOTHING: &str = "nothing";

/// The number of misuses that the catalogue has at least.
const MIN_MISUSES: usize = 200;

/// A correction of more lines is listed in the summary: it may change more than the error says.
const LARGE_CORRECTION: usize = 6;

/// Returns the problems of one misuse.
pub(crate) fn problems(misuse: &Misuse) -> Vec<String> {
    let diagnostics = misuse.diagnostics();
    let mut problems = Vec::new();
    if diagnostics.is_empty() {
        problems.push("wrong.stderr has no error: run the test `ui` with `TRYBUILD=overwrite`".to_owned());
    }
    for (index, claim) in misuse.claims.iter().enumerate() {
        let Some(error) = diagnostics.get(index) else {
            problems.push(format!(
                "wrong.stderr has no error for `marked: {}`: remove it",
                claim.marked
            ));
            continue;
        };
        let underlined = error.underlined("wrong.rs", &misuse.wrong.text);
        let underlined = underlined.as_deref().unwrap_or(NOTHING);
        if underlined != normalized(&claim.marked) {
            problems.push(format!(
                "wrong.rs: `marked: {}`, but error {} underlines `{underlined}`: change the header, and judge the first \
                 question again",
                claim.marked,
                index + 1
            ));
        }
        problems.extend(write_problems(misuse, error, claim.write.as_deref()));
    }
    if misuse.verdicts[2] == Verdict::Yes && diagnostics.len() != misuse.claims.len() {
        problems.push(format!(
            "wrong.stderr has {} errors and warnings, and wrong.rs has {} `marked:`: write one `marked:` per mistake, and \
             `no (reason)` as the third verdict if there are more errors than mistakes",
            diagnostics.len(),
            misuse.claims.len()
        ));
    }
    problems
        .into_iter()
        .map(|problem| format!("{}/{problem}", misuse.name))
        .collect()
}

/// Returns the problems with `write:`.
fn write_problems(misuse: &Misuse, error: &Diagnostic, write: Option<&str>) -> Vec<String> {
    let Some(write) = write else {
        let needed = misuse.verdicts[1] == Verdict::Yes;
        let problem = "wrong.rs: no `write:`: write the text of the error that says what to write, or `no (reason)` as \
                       the second verdict";
        return needed.then(|| problem.to_owned()).into_iter().collect();
    };
    let mut problems = Vec::new();
    let text = comparable(write);
    if !comparable(&error.said()).contains(&text) {
        problems.push(format!(
            "wrong.rs: the error does not contain `write: {write}`: change the header, and judge the second question again"
        ));
    }
    let removes = write.starts_with("remove");
    if !removes && !comparable(&misuse.corrected.program()).contains(&text) {
        problems.push(format!(
            "main.rs does not contain `write: {write}`: follow the error literally"
        ));
    }
    problems
}

/// Whether the corrected version changes a line that the first error underlines, or adds lines next to it.
pub(crate) fn changes_marked_line(misuse: &Misuse) -> bool {
    let diagnostics = misuse.diagnostics();
    let locations = diagnostics.iter().take(1).flat_map(|error| error.text.lines());
    let location = locations
        .filter_map(|line| crate::diagnostics::location(line, "wrong.rs"))
        .next();
    let Some((line, _)) = location else { return false };
    let marked = misuse.wrong.text.lines().nth(line - 1).unwrap_or_default();
    !misuse.corrected.program().lines().any(|line| line == marked)
}

/// Returns the number of misuses and of verdicts, and each `no` with its reason.
pub(crate) fn summary(misuses: &[Misuse]) -> String {
    let mut text = format!("{} misuses\n", misuses.len());
    for (group, count) in catalogue::count_by_group(misuses) {
        text += &format!("  {group}: {count}\n");
    }
    for (question, yes) in QUESTIONS.iter().zip(catalogue::count_yes(misuses)) {
        text += &format!("{question}: {yes} yes, {} no\n", misuses.len() - yes);
    }
    for misuse in misuses {
        for (question, verdict) in QUESTIONS.iter().zip(&misuse.verdicts) {
            if let Verdict::No(reason) = verdict {
                text += &format!("  no: {}: {question}: {reason}\n", misuse.name);
            }
        }
    }
    let elsewhere = misuses.iter().filter(|misuse| !changes_marked_line(misuse));
    let elsewhere: Vec<_> = elsewhere.map(|misuse| misuse.name.as_str()).collect();
    text += &format!(
        "corrected in another line than the marked one: {}\n",
        elsewhere.join(", ")
    );
    let changed = |misuse: &Misuse| changed_lines(&misuse.wrong.program(), &misuse.corrected.program()).len();
    let large = misuses.iter().filter(|misuse| changed(misuse) > LARGE_CORRECTION);
    let large: Vec<_> = large.map(|misuse| misuse.name.as_str()).collect();
    text + &format!(
        "corrections of more than {LARGE_CORRECTION} lines: {}\n",
        large.join(", ")
    )
}

#[test]
fn verdicts_hold() {
    let (misuses, mut found) = catalogue::read(&catalogue::folder());
    for misuse in &misuses {
        found.extend(problems(misuse));
        let valid = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if misuse.name.len() > 45 || !misuse.name.bytes().all(valid) {
            found.push(format!(
                "{}: write the name in snake case with at most 45 letters",
                misuse.name
            ));
        }
    }
    let mut sentences = BTreeSet::new();
    let repeated = misuses.iter().filter(|misuse| !sentences.insert(&misuse.sentence));
    found.extend(repeated.map(|misuse| {
        let name = &misuse.name;
        format!(
            "{name}/wrong.rs: another misuse has the same sentence, which is a heading of the error page: change one"
        )
    }));
    println!("{}", summary(&misuses));
    assert!(found.is_empty(), "{} problems\n{}\n", found.len(), found.join("\n"));
    assert!(misuses.len() >= MIN_MISUSES, "{} misuses", misuses.len());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{Claim, EventSource, Expected, Invocation, Source};

    const WRONG: &str = "// A.\n// group: return\nasync fn greet() -> String {\n    name()\n}\n";
    const CORRECTED: &str = "// response: Ada\nasync fn greet() -> Json<String> {\n    Json(name())\n}\n";
    const OUTPUT: &str = "\
error[E0277]: `String` cannot be the return type of a handler
 --> examples/a/wrong.rs:3:21
  |
3 | async fn greet() -> String {
  |                     ^^^^^^ write `Json<String>`
";

    /// Returns a misuse whose header is right.
    fn misuse() -> Misuse {
        let source = |text: &str, header_lines| Source {
            text: text.to_owned(),
            header_lines,
        };
        Misuse {
            name: "a".to_owned(),
            sentence: "A.".to_owned(),
            group: "return".to_owned(),
            claims: vec![Claim {
                marked: "String".to_owned(),
                write: Some("Json<String>".to_owned()),
            }],
            verdicts: [Verdict::Yes, Verdict::Yes, Verdict::Yes],
            wrong: source(WRONG, 2),
            output: OUTPUT.to_owned(),
            corrected: source(CORRECTED, 1),
            invocation: Invocation {
                event: EventSource::Json("{}".to_owned()),
                variables: Vec::new(),
                expected: Expected::Error {
                    error_type: "Error".to_owned(),
                },
            },
        }
    }

    /// Asserts that the misuse has one problem, which contains this text.
    #[track_caller]
    fn assert_problem(change: impl FnOnce(&mut Misuse), expected: &str) {
        let mut misuse = misuse();
        change(&mut misuse);
        let problems = problems(&misuse);
        assert!(problems.len() == 1 && problems[0].contains(expected), "{problems:#?}");
    }

    #[test]
    fn correct_header_has_no_problem() {
        assert_eq!(problems(&misuse()), [""; 0]);
        assert!(changes_marked_line(&misuse()));
    }

    #[test]
    fn wrong_claims_are_reported() {
        assert_problem(
            |it| it.claims[0].marked = "greet".to_owned(),
            "error 1 underlines `String`",
        );
        assert_problem(
            |it| it.claims[0].marked = NOTHING.to_owned(),
            "error 1 underlines `String`",
        );
        assert_problem(|it| it.claims[0].write = None, "no `write:`");
        assert_problem(
            |it| it.claims[0].write = Some("greet() ->".to_owned()),
            "judge the second question",
        );
        assert_problem(
            |it| it.claims[0].write = Some("return type".to_owned()),
            "main.rs does not contain",
        );
        assert_problem(
            |it| it.claims[0].write = Some("remove it".to_owned()),
            "judge the second question",
        );
        assert_problem(
            |it| {
                it.claims.push(it.claims[0].clone());
                it.verdicts[2] = Verdict::No("a reason".to_owned());
            },
            "no error for `marked: String`",
        );
        assert_problem(|it| it.output += "\nwarning: unused\n", "has 2 errors and warnings");
    }

    #[test]
    fn verdict_no_allows_what_it_says() {
        let mut misuse = misuse();
        misuse.verdicts = [(); 3].map(|()| Verdict::No("a reason".to_owned()));
        misuse.claims[0].write = None;
        misuse.output += "\nerror: another\n";
        assert_eq!(problems(&misuse), [""; 0]);
        assert!(summary(&[misuse]).contains("1 misuses"));
    }
}
