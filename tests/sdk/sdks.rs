//! The AWS SDKs for Python and JavaScript, which are installed into `target/sdk`.
//!
//! To measure how long chunks take to the caller, start a function that can run `write_time` and pass its URL to a script:
//! `cargo run -p lambda-stream-tests --bin scripted`, then
//! `target/sdk/python/bin/python tests/sdk/boto3_client.py delays URL` or `node target/sdk/js/client.mjs delays URL`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use test_support::Process;

use crate::{Directory, JSON_DOCUMENT, SCRIPTED, serve};

/// The directory of the scripts.
fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sdk")
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

/// Installs packages with `install` into a directory, unless it contains those of the same list already. Returns the
/// directory.
fn installed(name: &str, list: &str, install: impl FnOnce(&Path) -> Result<(), String>) -> Result<PathBuf, String> {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../sdk").join(name);
    let stamp = directory.join("installed");
    let list = fs::read(sources().join(list)).unwrap();
    if fs::read(&stamp).is_ok_and(|installed| installed == list) {
        return Ok(directory);
    }
    let _ = fs::remove_dir_all(&directory);
    fs::create_dir_all(&directory).unwrap();
    install(&directory)?;
    fs::write(stamp, list).unwrap();
    Ok(directory)
}

fn install_boto3() -> Result<PathBuf, String> {
    installed("python", "requirements.txt", |directory| {
        run(Command::new("python3").args(["-m", "venv"]).arg(directory))?;
        let mut pip = Command::new(directory.join("bin/python"));
        pip.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--timeout=15",
            "--retries=1",
        ]);
        run(pip.arg("--requirement").arg(sources().join("requirements.txt")))
    })
}

fn install_client_lambda() -> Result<PathBuf, String> {
    let directory = installed("js", "js/package-lock.json", |directory| {
        for file in ["package.json", "package-lock.json"] {
            fs::copy(sources().join("js").join(file), directory.join(file)).unwrap();
        }
        let mut npm = Command::new("npm");
        npm.args([
            "ci",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            "--fetch-timeout=15000",
            "--fetch-retries=1",
        ]);
        run(npm.current_dir(directory))
    })?;
    // Node.js looks for packages in the directory of the script.
    fs::copy(sources().join("js/client.mjs"), directory.join("client.mjs")).unwrap();
    Ok(directory)
}

/// Returns the directory of an SDK, or `None` if it cannot be installed and is not required.
fn available(installed: Result<PathBuf, String>) -> Option<PathBuf> {
    match installed {
        Ok(directory) => Some(directory),
        Err(reason) => {
            assert!(std::env::var_os("REQUIRE_SDKS").is_none(), "{reason}");
            eprintln!("skipped: {reason}");
            None
        }
    }
}

/// Runs the command `check` of a script.
#[track_caller]
fn check(name: &str, mut script: Command) {
    let directory = Directory::new(name);
    let (scripted, scripted_url) = serve(SCRIPTED, &[]);
    let (json_document, json_document_url) = serve(JSON_DOCUMENT, &[]);
    script
        .args(["check", &scripted_url, &json_document_url])
        .arg(&directory.0);
    // SDKs look for credentials in other places, including the network, if there are none.
    script.envs([
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("NO_PROXY", "*"),
    ]);
    let output = script.output().unwrap();
    assert!(
        output.status.success() && output.stdout == b"passed\n",
        "{}\n{}\n{}",
        text(&output),
        scripted.stderr(),
        json_document.stderr()
    );
}

#[test]
fn boto3_invokes_and_streams() {
    let Some(directory) = available(install_boto3()) else {
        return;
    };
    let mut script = Process::command(directory.join("bin/python"));
    script.arg(sources().join("boto3_client.py"));
    check("boto3", script);
}

#[test]
fn client_lambda_for_javascript_invokes_and_streams() {
    let Some(directory) = available(install_client_lambda()) else {
        return;
    };
    let mut script = Process::command("node");
    script.arg(directory.join("client.mjs"));
    check("client-lambda", script);
}
