//! Reads types as they are written in the signature.

use quote::ToTokens;
use syn::{
    GenericArgument, Path, PathArguments, Token, Type, TypeParamBound, TypeReference, ext::IdentExt,
    punctuated::Punctuated,
};

/// Returns the type of the response: the `T` of a type written as `Result<T, …>`, or else the type itself.
pub(crate) fn response_type(ty: &Type) -> &Type {
    result_arguments(ty).first().copied().unwrap_or(ty)
}

/// Returns the type of the error: the `E` of a type written as `Result<T, E>`.
pub(crate) fn error_type(ty: &Type) -> Option<&Type> {
    result_arguments(ty).get(1).copied()
}

/// Returns the item of a type that is written as a stream.
pub(crate) fn item_type(ty: &Type) -> Option<&Type> {
    match ty {
        Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "BoxStream") => {
            type_arguments(&path.path).next()
        }
        _ => binding(ty, "Item"),
    }
}

/// Returns the type `T` of the first `name = T` in a type, at any depth.
pub(crate) fn binding<'a>(ty: &'a Type, name: &str) -> Option<&'a Type> {
    let paths = match ty {
        Type::Path(path) => vec![&path.path],
        Type::ImplTrait(ty) => bound_paths(&ty.bounds),
        Type::TraitObject(ty) => bound_paths(&ty.bounds),
        Type::Group(group) => return binding(&group.elem, name),
        Type::Paren(paren) => return binding(&paren.elem, name),
        _ => return None,
    };
    paths
        .into_iter()
        .flat_map(generic_arguments)
        .find_map(|argument| match argument {
            GenericArgument::AssocType(found) if found.ident == name => Some(&found.ty),
            GenericArgument::Type(ty) => binding(ty, name),
            _ => None,
        })
}

/// Returns the type arguments of the last segment of a path.
pub(crate) fn type_arguments(path: &Path) -> impl Iterator<Item = &Type> {
    generic_arguments(path).filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// Returns the type arguments of a type that is written as a `Result`.
fn result_arguments(ty: &Type) -> Vec<&Type> {
    match ty {
        Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Result") => {
            type_arguments(&path.path).collect()
        }
        Type::Group(group) => result_arguments(&group.elem),
        Type::Paren(paren) => result_arguments(&paren.elem),
        _ => Vec::new(),
    }
}

fn bound_paths(bounds: &Punctuated<TypeParamBound, Token![+]>) -> Vec<&Path> {
    let paths = bounds.iter().filter_map(|bound| match bound {
        TypeParamBound::Trait(bound) => Some(&bound.path),
        _ => None,
    });
    paths.collect()
}

fn generic_arguments(path: &Path) -> impl Iterator<Item = &GenericArgument> {
    let last = path.segments.last().map(|segment| &segment.arguments);
    last.into_iter()
        .flat_map(|arguments| match arguments {
            PathArguments::AngleBracketed(generics) => Some(&generics.args),
            _ => None,
        })
        .flatten()
}

/// Returns the output of a type that is written as a future: `impl Future<Output = T>`, or that in a box.
pub(crate) fn future_output(ty: &Type) -> Option<&Type> {
    let path = match ty {
        Type::Path(path) => &path.path,
        _ => return binding(ty, "Output"),
    };
    let last = path.segments.last()?;
    match last.ident.to_string().as_str() {
        "BoxFuture" | "LocalBoxFuture" => type_arguments(path).next(),
        "Pin" | "Box" => type_arguments(path).find_map(future_output),
        _ => None,
    }
}

pub(crate) fn as_reference(ty: &Type) -> Option<&TypeReference> {
    match ty {
        Type::Reference(reference) => Some(reference),
        Type::Group(group) => as_reference(&group.elem),
        Type::Paren(paren) => as_reference(&paren.elem),
        _ => None,
    }
}

/// Returns the first reference in the generic arguments or elements of a type.
pub(crate) fn find_reference(ty: &Type) -> Option<(&Type, &TypeReference)> {
    match ty {
        Type::Reference(reference) => Some((ty, reference)),
        Type::Group(group) => find_reference(&group.elem),
        Type::Paren(paren) => find_reference(&paren.elem),
        Type::Tuple(tuple) => tuple.elems.iter().find_map(find_reference),
        Type::Path(path) => type_arguments(&path.path).find_map(find_reference),
        _ => None,
    }
}

/// Returns the first `impl Trait` in a type, at any depth of references and generic arguments.
pub(crate) fn find_impl_trait(ty: &Type) -> Option<&Type> {
    match ty {
        Type::ImplTrait(_) => Some(ty),
        Type::Reference(reference) => find_impl_trait(&reference.elem),
        Type::Group(group) => find_impl_trait(&group.elem),
        Type::Paren(paren) => find_impl_trait(&paren.elem),
        Type::Tuple(tuple) => tuple.elems.iter().find_map(find_impl_trait),
        Type::Path(path) => type_arguments(&path.path).find_map(find_impl_trait),
        _ => None,
    }
}

/// Returns the name of a type without its path and generics.
pub(crate) fn type_name(ty: &Type) -> Option<String> {
    match ty {
        Type::Path(path) => path.path.segments.last().map(|last| last.ident.unraw().to_string()),
        _ => None,
    }
}

/// Returns the text of a type as rustfmt would write it.
pub(crate) fn type_text(ty: &Type) -> String {
    let text = ty.to_token_stream().to_string();
    let spaces = [
        (" :: ", "::"),
        (" < ", "<"),
        (" >", ">"),
        ("& ", "&"),
        (" ,", ","),
        ("' ", "'"),
    ];
    spaces.iter().fold(text, |text, (from, to)| text.replace(from, to))
}
