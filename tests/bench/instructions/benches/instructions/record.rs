//! The file with the recorded counts.

use std::env::consts::ARCH;
use std::fmt::Write as _;
use std::process::Command;
use std::{env, fs};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/counts.tsv");

/// The path in error messages.
pub(crate) const NAME: &str = "tests/bench/instructions/counts.tsv";

const HEAD: &str = "\
# Instructions of each unit. CONTRIBUTING.md describes the check. To write this file:
# cargo bench --profile instructions -p lambda-stream-instructions -- --update
";

/// Counts, and what they depend on.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Record {
    /// The output of `rustc --version`.
    pub(crate) compiler: String,
    pub(crate) architecture: String,
    /// Names of shapes, and their counts.
    pub(crate) counts: Vec<(String, u64)>,
}

impl Record {
    /// Creates a record of counts that were made here.
    pub(crate) fn new(counts: Vec<(String, u64)>) -> Result<Self, String> {
        let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let version = Command::new(rustc).arg("--version").output();
        let version = version.map_err(|error| format!("failed to run `rustc --version`: {error}"))?;
        Ok(Self {
            compiler: String::from_utf8_lossy(&version.stdout).trim().to_owned(),
            architecture: ARCH.to_owned(),
            counts,
        })
    }

    pub(crate) fn read() -> Result<Self, String> {
        let text = fs::read_to_string(PATH).map_err(|error| format!("failed to read {NAME}: {error}"))?;
        Self::parse(&text)
    }

    pub(crate) fn write(&self) -> Result<(), String> {
        fs::write(PATH, self.format()).map_err(|error| format!("failed to write {NAME}: {error}"))
    }

    fn format(&self) -> String {
        let mut text = format!(
            "{HEAD}compiler\t{}\narchitecture\t{}\n",
            self.compiler, self.architecture
        );
        for (name, count) in &self.counts {
            // Writing to a `String` never fails.
            let _ = writeln!(text, "{name}\t{count}");
        }
        text
    }

    fn parse(text: &str) -> Result<Self, String> {
        let mut record = Self {
            compiler: String::new(),
            architecture: String::new(),
            counts: Vec::new(),
        };
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let invalid = || format!("invalid line in {NAME}: {line:?}");
            let (name, value) = line.split_once('\t').ok_or_else(invalid)?;
            match name {
                "compiler" => record.compiler = value.to_owned(),
                "architecture" => record.architecture = value.to_owned(),
                name => record
                    .counts
                    .push((name.to_owned(), value.parse().map_err(|_| invalid())?)),
            }
        }
        Ok(record)
    }

    pub(crate) fn count(&self, name: &str) -> Option<u64> {
        let mut counts = self.counts.iter();
        counts.find_map(|(recorded, count)| (recorded == name).then_some(*count))
    }
}
