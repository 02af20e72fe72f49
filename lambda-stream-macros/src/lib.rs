//! The attribute.
mod args;
mod expand;
mod handler_fn;

/// The attribute.
#[proc_macro_attribute]
pub fn main(arguments: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    expand::main(arguments.into(), item.into()).into()
}
