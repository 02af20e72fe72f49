//! Simulates a language model.

use std::time::Duration;

use futures::{Stream, StreamExt, stream};

/// Returns the tokens of the response to `message`, each after a delay.
pub(crate) fn tokens(message: &str, delay: Duration) -> impl Stream<Item = String> + Send + use<> {
    let response = response(message);
    let tokens: Vec<_> = response.split_inclusive(' ').map(str::to_owned).collect();
    stream::iter(tokens).then(move |token| async move {
        tokio::time::sleep(delay).await;
        token
    })
}

fn response(message: &str) -> String {
    let words: Vec<&str> = message.split_whitespace().collect();
    let Some(longest) = words.iter().max_by_key(|word| word.chars().count()) else {
        return "The message is empty. Ask a question!".to_owned();
    };
    let reversed: Vec<&str> = words.iter().rev().copied().collect();
    let letters = message.chars().filter(|character| character.is_alphabetic()).count();
    format!(
        "You said “{}”. I count {} and {}. The longest of them is “{longest}”, and backwards it reads “{}”. \
         This function is not a language model: it only counts words. But each of these words was sent as soon as it was \
         ready, and reached you while the function was still working on the next one.",
        words.join(" "),
        count_of(words.len(), "word"),
        count_of(letters, "letter"),
        reversed.join(" "),
    )
}

fn count_of(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}
