//! Packages of PyPI and npm that tests use as stock clients and servers. They are installed into `target/packages`,
//! each set of packages into a separate directory.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Returns the Python interpreter of a virtual environment with the packages of this `requirements.txt`, or `None`,
/// with the line "skipped" on standard error, if they cannot be installed. The list must name each package with its
/// version.
///
/// # Panics
/// If they cannot be installed and the variable `REQUIRE_PACKAGES` is set.
#[track_caller]
pub fn python(name: &str, requirements: impl AsRef<Path>) -> Option<PathBuf> {
    let requirements = requirements.as_ref();
    let installed = installed(name, &read(requirements), |directory| {
        run(Command::new("python3").args(["-m", "venv"]).arg(directory))?;
        let mut pip = Command::new(directory.join("bin/python"));
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
        pip.args(["--timeout=15", "--retries=1", "--requirement"]);
        run(pip.arg(requirements))
    });
    available(installed).map(|directory| directory.join("bin/python"))
}

/// Returns a directory with the `node_modules` of the `package-lock.json` in this directory, or `None`, with the line
/// "skipped" on standard error, if they cannot be installed. Node.js looks for packages next to a script: copy the script
/// into the returned directory.
///
/// # Panics
/// If they cannot be installed and the variable `REQUIRE_PACKAGES` is set.
#[track_caller]
pub fn node(name: &str, directory: impl AsRef<Path>) -> Option<PathBuf> {
    let source = directory.as_ref();
    let installed = installed(name, &read(&source.join("package-lock.json")), |directory| {
        for file in ["package.json", "package-lock.json"] {
            fs::copy(source.join(file), directory.join(file)).unwrap();
        }
        let mut npm = Command::new("npm");
        npm.args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"]);
        npm.args(["--fetch-timeout=15000", "--fetch-retries=1"]);
        run(npm.current_dir(directory))
    });
    available(installed)
}

#[track_caller]
fn read(list: &Path) -> Vec<u8> {
    fs::read(list).unwrap_or_else(|error| panic!("failed to read {}: {error}", list.display()))
}

/// Runs a command that belongs to an installation.
fn run(command: &mut Command) -> Result<(), String> {
    let output = command.stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("failed to start {:?}: {error}", command.get_program()))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!("{command:?} failed: {}", text(&output))),
    }
}

fn text(output: &Output) -> String {
    let text = [output.stdout.as_slice(), &output.stderr].concat();
    String::from_utf8_lossy(&text).into_owned()
}

/// Returns the directory with this name. Installs the packages with `install`, unless it contains those of the same list
/// already. Test processes that run at the same time install them once.
fn installed(name: &str, list: &[u8], install: impl FnOnce(&Path) -> Result<(), String>) -> Result<PathBuf, String> {
    let packages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/packages");
    fs::create_dir_all(&packages).unwrap();
    // The path of a virtual environment is part of its scripts, so it must not contain `..`.
    let packages = packages.canonicalize().unwrap();
    let directory = packages.join(name);
    let lock = File::create(directory.with_extension("lock")).unwrap();
    lock.lock().unwrap();
    let stamp = directory.join("installed");
    if fs::read(&stamp).is_ok_and(|installed| installed == list) {
        return Ok(directory);
    }
    let _ = fs::remove_dir_all(&directory);
    fs::create_dir_all(&directory).unwrap();
    install(&directory)?;
    fs::write(stamp, list).unwrap();
    Ok(directory)
}

#[track_caller]
fn available(installed: Result<PathBuf, String>) -> Option<PathBuf> {
    match installed {
        Ok(directory) => Some(directory),
        Err(reason) => {
            assert!(std::env::var_os("REQUIRE_PACKAGES").is_none(), "{reason}");
            eprintln!("skipped: {reason}");
            None
        }
    }
}
