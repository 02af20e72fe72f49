//! What the compiler's command line says about the crate that is compiled: the name of the library, and the root file.
//!
//! A procedural macro runs in the process of rustc. In that of an editor, or if the arguments are in a file, nothing is
//! known.

use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// The name of the library unless `Cargo.toml` renames it.
pub(crate) const LIBRARY: &str = "lambda_stream";

/// Returns whether this process is rustc, and not that of an editor.
pub(crate) fn is_rustc() -> bool {
    std::env::args_os().any(|argument| argument == "--crate-name")
}

/// The arguments of the compiler that are relevant to the attribute.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct CompilerArguments {
    /// The dependencies: the name in the code, and the name of the library's file.
    dependencies: Vec<(String, String)>,
    /// The file of the root module.
    root_file: Option<PathBuf>,
    /// The kinds of the crate, such as `bin`.
    crate_types: Vec<String>,
    /// Whether the compiler generates a `main` that runs tests, or the crate is made from documentation tests.
    is_test: bool,
}

impl CompilerArguments {
    /// Returns those of this process.
    pub(crate) fn of_process() -> Self {
        // Not `args`, which panics if one is not Unicode.
        Self::parse(std::env::args_os().filter_map(|argument| argument.into_string().ok()))
    }

    fn parse(arguments: impl Iterator<Item = String>) -> Self {
        let mut parsed = Self::default();
        let mut previous = String::new();
        for argument in arguments {
            let external = match argument.strip_prefix("--extern=") {
                None if previous == "--extern" => Some(argument.as_str()),
                external => external,
            };
            if let Some((name, path)) = external.and_then(|external| external.split_once('=')) {
                // Options such as `priv` stand before the name.
                let name = name.rsplit(':').next().unwrap_or(name);
                let file = Path::new(path).file_name().unwrap_or_default().to_string_lossy();
                parsed.dependencies.push((name.to_owned(), file.into_owned()));
            } else if previous == "--crate-type" {
                parsed.crate_types.extend(argument.split(',').map(str::to_owned));
            } else if argument == "--test" || (previous == "--crate-name" && argument.starts_with("doctest_bundle")) {
                parsed.is_test = true;
            } else if argument.ends_with(".rs") && parsed.root_file.is_none() {
                parsed.root_file = Some(PathBuf::from(&argument));
            }
            previous = argument;
        }
        parsed
    }

    /// Returns the name of the library in the code, or `None` if it is no dependency of the crate.
    pub(crate) fn library_name(&self) -> Option<&str> {
        let named = |(name, _): &&(String, String)| name == LIBRARY;
        if self.dependencies.is_empty() || self.dependencies.iter().any(|dependency| named(&dependency)) {
            return Some(LIBRARY);
        }
        let mut dependencies = self.dependencies.iter();
        let renamed = dependencies.find(|(_, file)| file.starts_with("liblambda_stream-"));
        renamed.map(|(name, _)| name.as_str())
    }

    /// Returns whether the crate is a library, so that no `main` of it starts a program.
    pub(crate) fn is_library(&self) -> bool {
        !self.is_test && !self.crate_types.is_empty() && !self.crate_types.iter().any(|kind| kind == "bin")
    }

    /// Returns the functions of the root module, or `None` if they are unknown.
    pub(crate) fn root_functions(&self) -> Option<Vec<RootFunction>> {
        Some(RootFunction::find(self.root_tokens()?))
    }

    /// Returns the module or the function in the root file that contains the handler with this name, as text. A function that
    /// calls the generated `main` is not returned.
    pub(crate) fn item_around(&self, handler: &str) -> Option<String> {
        if self.is_test {
            return None;
        }
        item_around(self.root_tokens()?, handler)
    }

    fn root_tokens(&self) -> Option<TokenStream> {
        let text = std::fs::read_to_string(self.root_file.as_ref()?).ok()?;
        text.parse().ok()
    }
}

/// A function in the root module.
#[derive(Debug, PartialEq)]
pub(crate) struct RootFunction {
    /// The name.
    pub(crate) name: String,
    /// Whether it has the attribute, written as `#[lambda_stream::main]`.
    pub(crate) is_handler: bool,
    /// Whether it may be left out of the program.
    pub(crate) is_conditional: bool,
}

impl RootFunction {
    fn find(file: TokenStream) -> Vec<Self> {
        let mut functions = Vec::new();
        let mut attributes: Vec<String> = Vec::new();
        let mut tokens = file.into_iter().peekable();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket => {
                    attributes.push(group.stream().to_string().replace(' ', ""));
                }
                // The end of an item.
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => attributes.clear(),
                TokenTree::Punct(punct) if punct.as_char() == ';' => attributes.clear(),
                TokenTree::Ident(keyword) if keyword == "fn" => {
                    if let Some(TokenTree::Ident(name)) = tokens.peek() {
                        let any = |prefixes: &[&str]| {
                            let starts =
                                |attribute: &String| prefixes.iter().any(|prefix| attribute.starts_with(prefix));
                            attributes.iter().any(starts)
                        };
                        functions.push(Self {
                            name: name.to_string(),
                            is_handler: any(&["lambda_stream::main", "::lambda_stream::main"]),
                            is_conditional: any(&["cfg(", "cfg_attr("]),
                        });
                    }
                }
                _ => {}
            }
        }
        functions
    }
}

/// See [`CompilerArguments::item_around`].
fn item_around(file: TokenStream, handler: &str) -> Option<String> {
    // The last item that has a name and may have braces.
    let mut item = None;
    let mut tokens = file.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                let item = item.take();
                if item.is_some() && contains_handler(group.stream(), handler) && !calls_main(group.stream()) {
                    return item;
                }
            }
            TokenTree::Punct(punct) if punct.as_char() == ';' => item = None,
            TokenTree::Ident(keyword) if keyword == "mod" || keyword == "fn" => {
                if let Some(TokenTree::Ident(name)) = tokens.peek() {
                    let kind = if keyword == "mod" { "module" } else { "function" };
                    item = Some(format!("{kind} `{name}`"));
                }
            }
            _ => {}
        }
    }
    None
}

/// Returns whether the tokens contain `main(…)`, at any depth.
fn calls_main(tokens: TokenStream) -> bool {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let is_call = |pair: &[TokenTree]| match pair {
        [TokenTree::Ident(name), TokenTree::Group(arguments)] => {
            name == "main" && arguments.delimiter() == Delimiter::Parenthesis
        }
        _ => false,
    };
    tokens.windows(2).any(is_call)
        || tokens.into_iter().any(|token| match token {
            TokenTree::Group(group) => calls_main(group.stream()),
            _ => false,
        })
}

/// Returns whether the tokens contain a handler with this name, at any depth.
fn contains_handler(tokens: TokenStream, name: &str) -> bool {
    let is_handler = |function: &RootFunction| function.is_handler && function.name == name;
    RootFunction::find(tokens.clone()).iter().any(is_handler)
        || tokens.into_iter().any(|token| match token {
            TokenTree::Group(group) => contains_handler(group.stream(), name),
            _ => false,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(line: &str) -> CompilerArguments {
        CompilerArguments::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn library_has_the_name_of_its_dependency() {
        let name = |line| arguments(line).library_name().map(str::to_owned);
        let lambda_stream = Some("lambda_stream".to_owned());
        assert_eq!(name("rustc --crate-name hello src/main.rs"), lambda_stream);
        let own_name = "rustc src/main.rs --extern lambda_stream=/deps/liblambda_stream-1f.rlib";
        assert_eq!(name(own_name), lambda_stream);
        let renamed =
            "rustc src/main.rs --extern serde=/deps/libserde-2a.rmeta --extern priv:ls=/deps/liblambda_stream-1f.rmeta";
        assert_eq!(name(renamed), Some("ls".to_owned()));
        let renamed = "rustc src/main.rs --extern=ls=/deps/liblambda_stream-1f.rmeta";
        assert_eq!(name(renamed), Some("ls".to_owned()));
        let facade =
            "rustc src/main.rs --extern facade=/deps/libfacade-1f.rmeta --extern m=/deps/liblambda_stream_macros-1f.so";
        assert_eq!(name(facade), None);
    }

    #[test]
    fn root_file_is_the_first_source_file() {
        let root = arguments("rustc --crate-name hello --edition=2024 src/bin/hello.rs --out-dir target").root_file;
        assert_eq!(root, Some(PathBuf::from("src/bin/hello.rs")));
        assert_eq!(arguments("rust-analyzer proc-macro").root_functions(), None);
    }

    #[test]
    fn libraries_are_recognized() {
        assert!(arguments("rustc --crate-name greet src/lib.rs --crate-type lib").is_library());
        assert!(arguments("rustc --crate-name greet src/lib.rs --crate-type cdylib,rlib").is_library());
        for program in [
            "rustc --crate-name greet src/main.rs --crate-type bin",
            "rustc --crate-name greet src/lib.rs --test",
            "rustc --crate-name greet src/lib.rs --crate-type lib --test",
            "rustdoc --crate-name doctest_bundle_2024 --crate-type lib",
            "rustc src/main.rs",
        ] {
            assert!(!arguments(program).is_library(), "{program}");
        }
    }

    #[test]
    fn item_around_the_handler_is_found() {
        let around = |file: &str| item_around(file.parse().unwrap(), "greet");
        let handler = "#[lambda_stream::main] async fn greet() {}";
        assert_eq!(around(handler), None);
        assert_eq!(around(&format!("const _: () = {{ {handler} }};")), None);
        assert_eq!(around("mod tests { async fn greet() {} }"), None);
        let module = format!("use std::fmt; mod a {{}} mod handlers {{ mod inner {{ {handler} }} }} fn main() {{}}");
        assert_eq!(around(&module), Some("module `handlers`".to_owned()));
        let function = format!("fn main() -> Result<(), Error> {{ {handler} }}");
        assert_eq!(around(&function), Some("function `main`".to_owned()));
        let called = format!("fn main() -> ExitCode {{ if one() {{ {handler} main() }} else {{ other() }} }}");
        assert_eq!(around(&called), None);
    }

    #[test]
    fn functions_of_the_root_module_are_found() {
        let file = "
            //! A program.
            #![allow(dead_code)]
            use std::fmt;
            #[lambda_stream::main(init = setup)]
            pub async fn first(stream: fn(u8) -> u8) -> Result<(), Error> { fn inner() {} }
            #[cfg(test)]
            mod tests { fn main() {} }
            /// Starts.
            #[cfg(not(test))]
            fn main() {}
            #[::lambda_stream::main] async fn second() {}
            fn third() {}";
        let function = |name: &str, is_handler, is_conditional| RootFunction {
            name: name.to_owned(),
            is_handler,
            is_conditional,
        };
        assert_eq!(
            RootFunction::find(file.parse().unwrap()),
            [
                function("first", true, false),
                function("main", false, true),
                function("second", true, false),
                function("third", false, false),
            ]
        );
    }
}
