//! Restarts this program with the variables of `--env` and `--env-file`: a process cannot safely change its own environment
//! variables.

use std::ffi::OsString;

use super::error::LocalError;

/// The options that set variables. Each takes a value.
const OPTIONS: [&str; 2] = ["--env", "--env-file"];

/// Replaces this process with a new one of the same program, whose environment has the variables in addition. Returns only
/// if that fails.
#[cfg(unix)]
pub(crate) fn with_variables(variables: &[(String, String)], arguments: Vec<OsString>) -> LocalError {
    use std::os::unix::process::CommandExt;
    use std::process::Command;

    let program = match super::identifiers::program_path() {
        Ok(program) => program,
        Err(error) => return LocalError::Restart(error),
    };
    let mut command = Command::new(program);
    if let Some(name) = std::env::args_os().next() {
        command.arg0(name);
    }
    command
        .args(without_variables(arguments))
        .envs(variables.iter().map(|(name, value)| (name, value)));
    LocalError::Restart(command.exec())
}

/// Returns an error: this system cannot replace a process.
#[cfg(not(unix))]
pub(crate) fn with_variables(_: &[(String, String)], arguments: Vec<OsString>) -> LocalError {
    let _ = without_variables(arguments);
    LocalError::Restart(std::io::ErrorKind::Unsupported.into())
}

/// Removes the options that set variables from valid arguments.
fn without_variables(arguments: Vec<OsString>) -> Vec<OsString> {
    let mut remaining = Vec::new();
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        if OPTIONS.iter().any(|option| argument == *option) {
            // The value. No value of another option can be confused with an option, because none starts with `--`.
            arguments.next();
            continue;
        }
        let text = argument.to_string_lossy();
        let name = text.split_once('=').map_or(&*text, |(name, _)| name);
        if !OPTIONS.contains(&name) {
            remaining.push(argument);
        }
    }
    remaining
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_that_set_variables_are_removed() {
        let remove = |arguments: &[&str]| without_variables(arguments.iter().map(OsString::from).collect());
        assert_eq!(
            remove(&[
                "--env",
                "A=1",
                "--event",
                "{}",
                "--env=B=2",
                "--env-file",
                "a.env",
                "--env-file=b.env",
                "--timeout",
                "3"
            ]),
            ["--event", "{}", "--timeout", "3"]
        );
        assert_eq!(remove(&["--environments=3"]), ["--environments=3"]);
    }
}
