//! Generates a package with one binary for each function, outside of the workspace and its lint levels.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs};

/// The text that ends the name of a binary without the attribute.
const PLAIN: &str = "_without_attribute";

/// A generated package.
pub(crate) struct Package {
    directory: PathBuf,
    binaries: Vec<String>,
}

impl Package {
    /// Creates a package with all functions. Packages with the same name replace each other.
    pub(crate) fn new(name: &str) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ide").join(name);
        let sources = directory.join("src/bin");
        // A binary of an earlier run may no longer exist.
        let _ = fs::remove_dir_all(&sources);
        fs::create_dir_all(&sources).expect("failed to create the package");
        let library = root
            .canonicalize()
            .expect("the repository exists")
            .join("lambda-stream");
        let manifest = include_str!("functions/Cargo.toml.in").replace("LIBRARY", &library.display().to_string());
        fs::write(directory.join("Cargo.toml"), manifest).expect("failed to write the manifest");
        // The versions that the workspace uses are already downloaded.
        fs::copy(root.join("Cargo.lock"), directory.join("Cargo.lock")).expect("failed to copy Cargo.lock");
        let mut package = Self {
            directory,
            binaries: Vec::new(),
        };
        let functions = Path::new(env!("CARGO_MANIFEST_DIR")).join("ide/functions");
        for entry in fs::read_dir(functions).expect("the functions exist") {
            let path = entry.expect("failed to read the directory").path();
            if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path
                    .file_stem()
                    .and_then(|name| name.to_str())
                    .expect("the name is UTF-8");
                package.add(name, &fs::read_to_string(&path).expect("failed to read a function"));
            }
        }
        package
    }

    /// Adds each function a second time, without the attribute.
    pub(crate) fn with_plain_functions(mut self) -> Self {
        for name in self.binaries.clone() {
            let source = fs::read_to_string(self.source(&name)).expect("the source exists");
            self.add(&plain(&name), &without_attribute(&source));
        }
        self
    }

    /// Adds a binary.
    pub(crate) fn add(&mut self, name: &str, source: &str) {
        self.binaries.push(name.to_owned());
        fs::write(self.source(name), source).expect("failed to write a function");
    }

    /// Returns the names of the binaries with the attribute.
    pub(crate) fn annotated(&self) -> impl Iterator<Item = &str> {
        let names = self.binaries.iter().map(String::as_str);
        names.filter(|name| !name.ends_with(PLAIN))
    }

    /// Runs a command of Cargo in the package.
    pub(crate) fn cargo(&self, arguments: &[&str]) -> Output {
        let (command, arguments) = arguments.split_first().expect("the command of Cargo");
        Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args([command, "--offline", "--target-dir"])
            .arg(self.target())
            .args(arguments)
            .current_dir(&self.directory)
            .output()
            .expect("failed to run Cargo")
    }

    /// Returns the target directory, which all packages share.
    pub(crate) fn target(&self) -> PathBuf {
        self.directory.join("../target")
    }

    fn source(&self, name: &str) -> PathBuf {
        self.directory.join(format!("src/bin/{name}.rs"))
    }
}

/// Returns the name of the binary without the attribute.
pub(crate) fn plain(name: &str) -> String {
    format!("{name}{PLAIN}")
}

/// Replaces the attribute by as many comments as it has lines, so that all other lines keep their number.
fn without_attribute(source: &str) -> String {
    let start = source
        .find("#[lambda_stream::main")
        .expect("the function has the attribute");
    let (before, rest) = source.split_at(start);
    let end = rest.find("]\n").expect("the attribute ends at the end of a line") + 1;
    let (attribute, after) = rest.split_at(end);
    let comments = vec!["//"; attribute.lines().count()].join("\n");
    // Only the attribute permits an async function named `main`.
    let after = after.replace("async fn main", "async fn main_");
    format!("{before}{comments}{after}\nfn main() {{}}\n")
}
