//! Selects the function for a parameter by the name of its type. The name selects only the message of the compiler: see
//! `spelled` in the module `handler::macro_support` of the library.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Type, ext::IdentExt};

use crate::types::type_arguments;

/// Returns the function, and the type in its message.
pub(crate) fn parameter_function(ty: &Type, has_init: bool) -> Option<(&'static str, Option<&Type>)> {
    let path = match ty {
        Type::Path(path) => &path.path,
        Type::Group(group) => return parameter_function(&group.elem, has_init),
        Type::Paren(paren) => return parameter_function(&paren.elem, has_init),
        Type::Tuple(tuple) => return (!tuple.elems.is_empty()).then_some(("tuple_parameter", None)),
        _ => return None,
    };
    let last = path.segments.last()?.ident.unraw().to_string();
    let first_argument = type_arguments(path).next();
    let function = match last.as_str() {
        "ResponseStream" | "Payload" => return None,
        _ if contains(ty.to_token_stream(), "ResponseStream") => "stream_parameter",
        "Json" | "Query" if first_argument.is_some() => "body_parameter",
        "Path" | "Form" | "Multipart" | "TypedHeader" | "ConnectInfo" | "Host" | "OriginalUri" | "MatchedPath" => {
            "extractor_parameter"
        }
        "State" | "Extension" | "Data" if first_argument.is_some() => match has_init {
            true => "state_parameter",
            false => "state_without_init_parameter",
        },
        "Request" | "Parts" | "HeaderMap" | "Method" | "Uri" => "request_parameter",
        "LambdaEvent" if first_argument.is_some() => "lambda_event_parameter",
        "Option" | "Result" => match first_argument.and_then(payload) {
            Some(content) if last == "Option" => return Some(("optional_payload_parameter", Some(content))),
            Some(content) => return Some(("payload_parameter", Some(content))),
            None if last == "Result" => "result_parameter",
            None => return None,
        },
        "Box" | "Arc" | "Rc" if matches!(first_argument, Some(Type::TraitObject(_))) => {
            return Some(("trait_object_parameter", None));
        }
        _ => return None,
    };
    Some((function, first_argument))
}

/// Returns the `T` of a type written as `Payload<T>`.
fn payload(ty: &Type) -> Option<&Type> {
    match ty {
        Type::Path(path) if path.path.segments.last()?.ident == "Payload" => type_arguments(&path.path).next(),
        _ => None,
    }
}

fn contains(tokens: TokenStream, name: &str) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == name,
        TokenTree::Group(group) => contains(group.stream(), name),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}
