//! Splits the tokens between the parentheses into arguments.

use proc_macro2::{Delimiter, Ident, Spacing, TokenStream, TokenTree};
use quote::ToTokens;

use super::text::source_text;

/// One argument, before its name and its value are checked.
pub(super) struct RawArgument {
    /// All tokens.
    pub(super) tokens: TokenStream,
    /// The first token, if it is a word.
    pub(super) name: Option<Ident>,
    pub(super) separator: Separator,
    /// The tokens after the separator.
    pub(super) value: TokenStream,
}

/// The tokens between the name and the value.
pub(super) enum Separator {
    Equals,
    /// The name is the whole argument.
    None,
    /// Other tokens, such as `:`, or parentheses around the value.
    Other(TokenStream),
}

/// Splits the tokens at commas. Adds an error to `errors` for each separator that is not one comma.
pub(super) fn split(tokens: TokenStream, errors: &mut Vec<syn::Error>) -> Vec<RawArgument> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut arguments = Vec::new();
    let mut current: Vec<TokenTree> = Vec::new();
    let mut position = 0;
    // The generic arguments of a path have commas, too.
    let mut angles = 0_usize;
    while let Some(token) = tokens.get(position) {
        let next = tokens.get(position + 1);
        match token {
            TokenTree::Punct(punct) if matches!(punct.as_char(), ',' | ';') && angles == 0 => {
                let is_last = next.is_none();
                if let Some(message) = separator_error(&current, punct.as_char(), is_last) {
                    errors.push(syn::Error::new(punct.span(), message));
                }
                arguments.extend(RawArgument::new(std::mem::take(&mut current)));
            }
            TokenTree::Ident(_) if angles == 0 && ends_before(&current, next, tokens.get(position + 2)) => {
                let before: TokenStream = current.iter().cloned().collect();
                let value = current
                    .get(2..)
                    .unwrap_or_default()
                    .iter()
                    .cloned()
                    .collect::<TokenStream>();
                let message = format!("missing comma after `{0}`: write `{0},`", source_text(&before));
                errors.push(syn::Error::new_spanned(value, message));
                arguments.extend(RawArgument::new(std::mem::take(&mut current)));
                current.push(token.clone());
            }
            _ => {
                angles = match token {
                    TokenTree::Punct(punct) if punct.as_char() == '<' => angles + 1,
                    TokenTree::Punct(punct) if punct.as_char() == '>' && !follows_arrow(&current) => {
                        angles.saturating_sub(1)
                    }
                    _ => angles,
                };
                current.push(token.clone());
            }
        }
        position += 1;
    }
    arguments.extend(RawArgument::new(current));
    arguments
}

/// Returns the error of a separator that follows `argument`.
fn separator_error(argument: &[TokenTree], separator: char, is_last: bool) -> Option<String> {
    let text = source_text(&argument.iter().cloned().collect());
    match separator {
        _ if argument.is_empty() => Some(format!(
            "no argument before this `{separator}`: remove this `{separator}`"
        )),
        ';' if is_last => Some(format!(
            "arguments are separated by commas, found `;`: write `{text}`, without `;`"
        )),
        ';' => Some(format!("arguments are separated by commas, found `;`: write `{text},`")),
        _ => None,
    }
}

/// Returns whether a word starts a new argument, although no comma precedes it: it follows `name = value`, and a `=`
/// follows it.
fn ends_before(current: &[TokenTree], next: Option<&TokenTree>, after_next: Option<&TokenTree>) -> bool {
    let is_pair = matches!(current, [TokenTree::Ident(_), equals, _, ..] if is_equals(equals));
    is_pair && next.is_some_and(is_equals) && after_next.is_some()
}

/// Returns whether the token is `=`, and not the start of another operator.
fn is_equals(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == '=' && punct.spacing() == Spacing::Alone)
}

/// Returns whether the tokens end with the first half of `->` or `=>`.
fn follows_arrow(current: &[TokenTree]) -> bool {
    matches!(current.last(), Some(TokenTree::Punct(punct)) if matches!(punct.as_char(), '-' | '=') && punct.spacing() == Spacing::Joint)
}

impl RawArgument {
    /// Returns `None` if there are no tokens.
    fn new(argument: Vec<TokenTree>) -> Option<Self> {
        let tokens: TokenStream = argument.iter().cloned().collect();
        let (first, rest) = argument.split_first()?;
        let TokenTree::Ident(name) = first else {
            return Some(Self {
                tokens,
                name: None,
                separator: Separator::None,
                value: TokenStream::new(),
            });
        };
        let (separator, value) = match rest.split_first() {
            None => (Separator::None, TokenStream::new()),
            Some((equals, value)) if is_equals(equals) => (Separator::Equals, value.iter().cloned().collect()),
            Some((TokenTree::Group(group), [])) if group.delimiter() != Delimiter::None => {
                (Separator::Other(group.to_token_stream()), group.stream())
            }
            Some(_) => {
                let is_operator =
                    |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if "=:>-".contains(punct.as_char()));
                let end = rest.iter().position(|token| !is_operator(token)).unwrap_or(rest.len());
                let (separator, value) = rest.split_at(end);
                (
                    Separator::Other(separator.iter().cloned().collect()),
                    value.iter().cloned().collect(),
                )
            }
        };
        Some(Self {
            tokens,
            name: Some(name.clone()),
            separator,
            value,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    /// Returns the text of each argument, and the messages.
    fn split_text(tokens: TokenStream) -> (Vec<String>, Vec<String>) {
        let mut errors = Vec::new();
        let arguments = split(tokens, &mut errors);
        (
            arguments.iter().map(|argument| source_text(&argument.tokens)).collect(),
            errors.iter().map(ToString::to_string).collect(),
        )
    }

    #[test]
    fn comma_between_angle_brackets_does_not_separate() {
        let (arguments, errors) = split_text(quote!(init = setup::<u8, Vec<u8>>, logging = false,));
        assert_eq!(arguments, ["init = setup::<u8, Vec<u8>>", "logging = false"]);
        assert!(errors.is_empty(), "{errors:?}");
    }

    #[test]
    fn other_separator_is_an_error() {
        for (tokens, expected) in [
            (quote!(init = setup; logging = false), "write `init = setup,`"),
            (
                quote!(init = setup logging = false),
                "missing comma after `init = setup`",
            ),
            (quote!(init = setup,, logging = false), "no argument before this `,`"),
        ] {
            let (arguments, errors) = split_text(tokens);
            assert_eq!(arguments, ["init = setup", "logging = false"]);
            assert_eq!(errors.len(), 1, "{errors:?}");
            assert!(errors[0].contains(expected), "{errors:?}");
        }
        let (_, errors) = split_text(quote!(init = setup;));
        assert!(errors[0].contains("without `;`"), "{errors:?}");
    }

    #[test]
    fn argument_has_name_separator_and_value() {
        for (tokens, separator, value) in [
            (quote!(init = setup), "=", "setup"),
            (quote!(init), "", ""),
            (quote!(init =), "=", ""),
            (quote!(init: setup), ":", "setup"),
            (quote!(init => setup), "=>", "setup"),
            (quote!(init == setup), "==", "setup"),
            (quote!(init(setup)), "(setup)", "setup"),
            (quote!(init setup), " ", "setup"),
        ] {
            let arguments = split(tokens, &mut Vec::new());
            let [argument] = arguments.as_slice() else {
                panic!("one argument")
            };
            let found = match &argument.separator {
                Separator::Equals => "=".to_owned(),
                Separator::None => String::new(),
                Separator::Other(tokens) if tokens.is_empty() => " ".to_owned(),
                Separator::Other(tokens) => source_text(tokens).trim().to_owned(),
            };
            assert_eq!(
                (found.as_str(), source_text(&argument.value).as_str()),
                (separator, value)
            );
        }
    }
}
