//! What stands in for a language model: it knows how to count, and takes its time. To the same question it gives the same
//! answer, so that one that broke off can be continued.

use std::time::Duration;

use futures::{Stream, StreamExt, stream};

/// How long it thinks about a token.
const THOUGHT: Duration = Duration::from_millis(80);

/// The tokens of an answer as they come to mind, numbered from 1; the first `known` ones are left out.
pub(crate) fn answer(question: &str, known: usize) -> impl Stream<Item = (usize, String)> + Send + use<> {
    let answer = said(question);
    let tokens = answer.split_inclusive(' ').map(str::to_owned);
    let unknown: Vec<_> = (1..).zip(tokens).skip(known).collect();
    stream::iter(unknown).then(|token| async {
        tokio::time::sleep(THOUGHT).await;
        token
    })
}

fn said(question: &str) -> String {
    let words: Vec<&str> = question.split_whitespace().collect();
    let Some(longest) = words.iter().max_by_key(|word| word.chars().count()) else {
        return "You said nothing. That is an answer, too, but ask me something!".to_owned();
    };
    let backwards: Vec<&str> = words.iter().rev().copied().collect();
    format!(
        "You said “{}”. I count {} and {}. The longest of them is “{longest}”, and from the end it reads “{}”. \
         I am no language model, just a function that counts. But each of these words left me as soon as I had it, \
         and reached you while I was still thinking about the next one.",
        words.join(" "),
        counted(words.len(), "word"),
        counted(
            question.chars().filter(|letter| letter.is_alphabetic()).count(),
            "letter"
        ),
        backwards.join(" "),
    )
}

fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}
