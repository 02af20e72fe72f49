//! AWS Lambda Web Adapter, a program that crates.io has as source code.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The newest version, of which only the source code of a release candidate is on crates.io.
pub(crate) const VERSION: &str = "1.0.0-rc1";

const PACKAGE: &str = "lambda_web_adapter";

/// The program, or why there is none.
pub(crate) type Program = Result<PathBuf, String>;

/// Returns the program if it is installed.
pub(crate) fn installed() -> Program {
    let program = root().join("bin/lambda-adapter");
    match program.exists() {
        true => Ok(program),
        false => Err("not installed".to_owned()),
    }
}

/// Builds the program with its own profile and lock file, unless it is installed. That takes minutes.
pub(crate) fn install() -> Program {
    if let Ok(program) = installed() {
        return Ok(program);
    }
    eprintln!("installing {PACKAGE} {VERSION}…");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args([
        "install",
        PACKAGE,
        "--version",
        VERSION,
        "--locked",
        "--quiet",
        "--root",
    ]);
    match cargo.arg(root()).status() {
        Ok(status) if status.success() => installed(),
        Ok(status) => Err(format!("{PACKAGE} {VERSION} cannot be installed: {status}")),
        Err(error) => Err(format!("{PACKAGE} {VERSION} cannot be installed: {error}")),
    }
}

/// Returns the directory of the installation, which differs between versions.
fn root() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{PACKAGE}-{VERSION}"))
}
