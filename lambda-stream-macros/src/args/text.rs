//! Formats tokens for error messages as a person writes them: `Duration::from_millis(500)`.
//!
//! The text of a `TokenStream` has a space between almost all tokens, and its form depends on the version of the compiler.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// The longest value that is quoted in a message, in characters.
const MAX_QUOTED: usize = 60;

/// Returns the text of the tokens in quotes, or `None` if it is too long for a message.
pub(super) fn quoted(tokens: &TokenStream) -> Option<String> {
    let text = source_text(tokens);
    (text.chars().count() <= MAX_QUOTED).then(|| format!("`{text}`"))
}

/// Returns the text of the tokens, with the usual spaces.
pub(crate) fn source_text(tokens: &TokenStream) -> String {
    let mut text = String::new();
    write_tokens(tokens, &mut text);
    text
}

fn write_tokens(tokens: &TokenStream, text: &mut String) {
    let mut tokens = tokens.clone().into_iter().peekable();
    // Whether a word that follows needs a space before it.
    let mut after_word = false;
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(_) | TokenTree::Literal(_) => {
                if after_word {
                    text.push(' ');
                }
                text.push_str(&token.to_string());
                after_word = true;
            }
            TokenTree::Punct(first) => {
                let mut operator = first.as_char().to_string();
                if let (Spacing::Joint, Some(TokenTree::Punct(second))) = (first.spacing(), tokens.peek()) {
                    if let pair @ ("::" | "->" | "=>" | "==" | "||" | "..") =
                        format!("{operator}{}", second.as_char()).as_str()
                    {
                        operator = pair.to_owned();
                        tokens.next();
                    }
                }
                let (before, after) = match operator.as_str() {
                    "," | ";" | ":" | "||" => (false, true),
                    "=" | "->" | "=>" | "==" | "+" | "*" | "/" => (true, true),
                    _ => (false, false),
                };
                if before && !text.is_empty() {
                    text.push(' ');
                }
                text.push_str(&operator);
                if after && tokens.peek().is_some() {
                    text.push(' ');
                }
                after_word = false;
            }
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Brace if group.stream().is_empty() => ("{", "}"),
                    Delimiter::Brace => ("{ ", " }"),
                    Delimiter::None => ("", ""),
                };
                if after_word && matches!(group.delimiter(), Delimiter::Brace | Delimiter::None) {
                    text.push(' ');
                }
                text.push_str(open);
                write_tokens(&group.stream(), text);
                text.push_str(close);
                after_word = true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    #[test]
    fn text_has_usual_spaces() {
        let text = |tokens| source_text(&tokens);
        assert_eq!(
            text(quote!(std::time::Duration::from_millis(500))),
            "std::time::Duration::from_millis(500)"
        );
        assert_eq!(text(quote!(setup().await?)), "setup().await?");
        assert_eq!(text(quote!(setup::<u8, Vec<u8>>)), "setup::<u8, Vec<u8>>");
        assert_eq!(text(quote!(Config { limit: 5 })), "Config { limit: 5 }");
        assert_eq!(text(quote!(|| async { setup() })), "|| async { setup() }");
        assert_eq!(
            text(quote!(init = setup, logging = false)),
            "init = setup, logging = false"
        );
        assert_eq!(text(quote!(-1)), "-1");
    }

    #[test]
    fn long_text_is_not_quoted() {
        assert_eq!(quoted(&quote!(off)).as_deref(), Some("`off`"));
        assert_eq!(
            quoted(&quote!(
                "0123456789012345678901234567890123456789012345678901234567890123456789"
            )),
            None
        );
    }
}
