//! Cases that one file cannot express, as cargo packages: renamed dependencies, facades, libraries, features, editions.
//!
//! Each package is written to the target directory and checked with the workspace's `Cargo.lock`, so cargo downloads
//! nothing.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use crate::catalogue;

/// The dependency on the library. Without its default features, it is checked in a fraction of the time.
const LIBRARY: &str = r#"lambda-stream = { path = "$ROOT/lambda-stream", default-features = false }"#;

/// The same dependency with another name.
const RENAMED: &str = r#"ls = { package = "lambda-stream", path = "$ROOT/lambda-stream", default-features = false }"#;

/// A handler that takes and returns something, and uses the library by the path `$LIBRARY`.
const GREETING: &str = "\
#[$LIBRARY::main]
async fn greet(name: String, context: $LIBRARY::Context) -> $LIBRARY::Json<String> {
    $LIBRARY::Json(format!(\"Hello, {name} ({})\", context.request_id()))
}
";

/// Returns [`GREETING`] with this path of the library.
fn greeting(library: &str) -> String {
    GREETING.replace("$LIBRARY", library)
}

/// A package in a folder of its own.
struct Package {
    path: PathBuf,
}

/// The result of `cargo check`.
struct Checked {
    succeeded: bool,
    output: String,
}

impl Package {
    /// Writes a package with these lines of `[dependencies]`. `name` is unique among all tests.
    fn new(name: &str, dependencies: &[&str]) -> Self {
        Self::with_edition(name, "2024", dependencies)
    }

    fn with_edition(name: &str, edition: &str, dependencies: &[&str]) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ui-packages").join(name);
        if path.exists() {
            fs::remove_dir_all(&path).expect("a package of an earlier run can be removed");
        }
        let package = Self { path };
        let root = root().to_str().expect("a path in UTF-8").replace('\\', "/");
        let dependencies = dependencies.join("\n").replace("$ROOT", &root);
        package
            .file(
                "Cargo.toml",
                &format!(
                    "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"{edition}\"\n\n\
                     [dependencies]\n{dependencies}\n\n[workspace]\n"
                ),
            )
            .file(
                "Cargo.lock",
                &fs::read_to_string(root.to_owned() + "/Cargo.lock").expect("the lock file of the workspace"),
            )
    }

    /// Writes a file.
    fn file(self, path: &str, text: &str) -> Self {
        let path = self.path.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("the target directory is writable");
        fs::write(path, text).expect("the target directory is writable");
        self
    }

    fn check(&self) -> Checked {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .args(["check", "--offline", "--quiet", "--color=never", "--target-dir"])
            .arg(Path::new(env!("CARGO_TARGET_TMPDIR")).join("ui-packages-target"))
            .current_dir(&self.path)
            .output()
            .expect("cargo starts");
        Checked {
            succeeded: output.status.success(),
            output: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Checked {
    #[track_caller]
    fn assert_compiles(&self) {
        assert!(self.succeeded && self.output.is_empty(), "{}", self.output);
    }

    /// Asserts that there is one error, which contains this text.
    #[track_caller]
    fn assert_error(&self, text: &str) {
        let errors = self.output.lines().filter(|line| {
            let is_error = line.starts_with("error: ") || line.starts_with("error[");
            is_error && !line.starts_with("error: could not compile")
        });
        let count = errors.count();
        assert!(
            !self.succeeded && count == 1 && self.output.contains(text),
            "{count} errors, expected one with {text:?}\n{}",
            self.output
        );
    }
}

fn root() -> PathBuf {
    let root = catalogue::package().join("../..");
    root.canonicalize().expect("the root of the workspace")
}

#[test]
fn renamed_dependency_compiles() {
    let package = Package::new("renamed-dependency", &[RENAMED]).file("src/main.rs", &greeting("ls"));
    package.check().assert_compiles();
}

/// A crate that re-exports the library. The attribute cannot know its name.
fn facade(name: &str, user: &str) -> Package {
    Package::new(name, &[r#"facade = { path = "facade" }"#])
        .file("src/main.rs", user)
        .file(
            "facade/Cargo.toml",
            &format!(
                "[package]\nname = \"facade\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n{}\n",
                LIBRARY.replace("$ROOT", root().to_str().expect("a path in UTF-8"))
            ),
        )
        .file("facade/src/lib.rs", "pub use lambda_stream;\n")
}

#[test]
fn facade_without_crate_argument_is_explained() {
    let user = greeting("facade::lambda_stream");
    facade("facade-without-crate", &user)
        .check()
        .assert_error("crate = facade::lambda_stream");
}

#[test]
fn facade_with_crate_argument_compiles() {
    let user = greeting("facade::lambda_stream").replace("::main]", "::main(crate = facade::lambda_stream)]");
    facade("facade-with-crate", &user).check().assert_compiles();
}

#[test]
fn attribute_in_library_is_an_error() {
    let package = Package::new("attribute-in-library", &[LIBRARY]).file("src/lib.rs", &greeting("lambda_stream"));
    package.check().assert_error("src/main.rs");
}

#[test]
fn attribute_in_module_file_is_an_error() {
    let package = Package::new("attribute-in-module-file", &[LIBRARY])
        .file("src/main.rs", "mod handlers;\n\nfn main() {}\n")
        .file("src/handlers.rs", &greeting("lambda_stream"));
    package.check().assert_error("root module");
}

#[test]
fn handler_in_library_and_attribute_in_binary_compile() {
    let library = "use lambda_stream::Json;\n\npub async fn greet(name: &str) -> Json<String> {\n    \
                   Json(format!(\"Hello, {name}\"))\n}\n";
    let binary = "use lambda_stream::Json;\n\n#[lambda_stream::main]\nasync fn handler(name: String) -> Json<String> {\n    \
                  handler_in_library::greet(&name).await\n}\n";
    let package = Package::new("handler-in-library", &[LIBRARY])
        .file("src/lib.rs", library)
        .file("src/main.rs", binary);
    package.check().assert_compiles();
}

/// Two handlers, each of which is to be a function.
fn two_handlers() -> [String; 2] {
    let first = greeting("lambda_stream");
    let second = first.replace("greet", "greet_again");
    [first, second]
}

#[test]
fn two_handlers_in_one_binary_are_explained() {
    let package = Package::new("two-handlers", &[LIBRARY]).file("src/main.rs", &two_handlers().join("\n"));
    package.check().assert_error("src/bin");
}

#[test]
fn handler_beside_main_is_explained() {
    let main = "\nfn main() {\n    println!(\"starting\");\n}\n";
    let source = greeting("lambda_stream") + main;
    let package = Package::new("handler-beside-main", &[LIBRARY]).file("src/main.rs", &source);
    package.check().assert_error("src/bin");
}

#[test]
fn two_handlers_in_two_binaries_compile() {
    let [first, second] = two_handlers();
    let package = Package::new("two-binaries", &[LIBRARY])
        .file("src/bin/greet.rs", &first)
        .file("src/bin/greet_again.rs", &second);
    package.check().assert_compiles();
}

/// A handler that returns an HTTP response.
const PAGE: &str = "\
#[lambda_stream::main]
async fn page() -> http::Response<String> {
    http::Response::new(\"<h1>Orders</h1>\".to_owned())
}
";

/// The crate of `http::Response`.
const HTTP: &str = r#"http = "1""#;

#[test]
fn http_response_without_feature_names_the_feature() {
    let package = Package::new("http-without-feature", &[LIBRARY, HTTP]).file("src/main.rs", PAGE);
    package.check().assert_error("`http`");
}

#[test]
fn http_response_with_feature_compiles() {
    let library = LIBRARY.replace(" }", ", features = [\"http\"] }");
    let package = Package::new("http-with-feature", &[&library, HTTP]).file("src/main.rs", PAGE);
    package.check().assert_compiles();
}

#[test]
fn multi_thread_without_feature_names_the_feature() {
    let source = "\
#[lambda_stream::main(flavor = \"multi_thread\", worker_threads = 2)]
async fn handler() {}
";
    let package = Package::new("multi-thread-without-feature", &[LIBRARY]).file("src/main.rs", source);
    let error = "`flavor = \"multi_thread\"` requires the feature `multi-thread` of `lambda-stream`";
    package.check().assert_error(error);
}

#[test]
fn older_editions_compile() {
    for edition in ["2018", "2021"] {
        let source = "\
use lambda_stream::{Error, Payload, ResponseStream};

struct Config {
    greeting: String,
}

async fn setup() -> Result<Config, Error> {
    Ok(Config {
        greeting: std::env::var(\"GREETING\")?,
    })
}

#[lambda_stream::main(init = setup, flavor = \"multi_thread\", worker_threads = 2, deadline_margin = \"1s\")]
async fn handler(
    Payload(name): Payload<String>,
    mut stream: ResponseStream,
    config: &Config,
) -> Result<(), Error> {
    stream.write(format!(\"{}, {}\", config.greeting, name)).await?;
    Ok(())
}
";
        let library = LIBRARY.replace(" }", ", features = [\"multi-thread\"] }");
        let package = Package::with_edition(&format!("edition-{edition}"), edition, &[&library]);
        package.file("src/main.rs", source).check().assert_compiles();
    }
}
