//! The options of the command line, with the text of `--help`.

use std::path::PathBuf;

use clap::builder::EnumValueParser;
use clap::{Arg, ArgAction, Command, value_parser};
use clap_complete::Shell;

use super::super::identifiers;
use super::event_source::EventSource;
use super::values;

/// The options that are invalid if the function is invoked without a front end.
const SERVING_OPTIONS: [&str; 7] = [
    "port",
    "host",
    "environments",
    "rest-api",
    "invoke-mode",
    "auth",
    "cors",
];

/// Returns the definition of the command line.
pub(super) fn command() -> Command {
    let program = identifiers::program_name();
    let usage = format!(
        "{program} [OPTIONS]\n       {program} --event EVENT [OPTIONS]\n       {program} --replay FILE [OPTIONS]"
    );
    // The name is not shown: `override_usage` names the program.
    Command::new("function")
        .no_binary_name(true)
        .disable_help_flag(true)
        .about("Runs this AWS Lambda function on this machine and streams its responses, as Lambda does.")
        .override_usage(usage)
        .after_help(
            "Without options, serves a Function URL and the Lambda API on http://127.0.0.1:9000, or on the next free \
             port if 9000 is in use. The function runs in child processes of this program, and a new build of the \
             program is used from the next request on.",
        )
        .args(serving())
        .args(execution())
        .args(variables())
        .args(function_url())
        .args(rest_api_and_limits())
        .args(invoke_once())
        .args(other())
}

/// Returns an option that takes one value.
fn option(name: &'static str, placeholder: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(placeholder).help(help)
}

/// Returns an option without a value.
fn flag(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
}

fn serving() -> [Arg; 2] {
    [
        option(
            "port",
            "N",
            "Serve on port N; 0 picks a free port [default: 9000, or the next free port]",
        )
        .value_parser(values::port),
        option(
            "host",
            "ADDRESS",
            "Serve on this IP address of the machine instead of 127.0.0.1; 0.0.0.0 serves on all addresses. Warning: \
             anyone who can reach the address can then invoke the function. By default, only programs and web pages of \
             this machine can",
        )
        .value_parser(values::host),
    ]
    .map(|argument| argument.help_heading("Serving"))
}

fn execution() -> [Arg; 3] {
    [
        option(
            "environments",
            "N",
            "Run at most N execution environments, which are child processes; each handles one request at a time, or \
             AWS_LAMBDA_MAX_CONCURRENCY requests [default: 10]",
        )
        .value_parser(values::environments),
        option(
            "timeout",
            "SECONDS",
            "End an invocation after this time, as Lambda does [default: 30, or 900 if the function runs in this process]",
        )
        .value_parser(values::timeout),
        flag(
            "in-process",
            "Run the function in this process, one request at a time, without hot reload; for debuggers",
        )
        .conflicts_with("environments"),
    ]
    .map(|argument| argument.help_heading("Execution"))
}

fn variables() -> [Arg; 2] {
    [
        option("env", "NAME=VALUE", "Set an environment variable of the function; may be repeated")
            .action(ArgAction::Append)
            .value_parser(values::variable),
        option(
            "env-file",
            "FILE",
            "Set the environment variables in FILE, which has one NAME=VALUE in each line; may be repeated. If a variable \
             is set twice, the later option has priority",
        )
        .action(ArgAction::Append)
        .value_parser(value_parser!(PathBuf)),
    ]
    .map(|argument| argument.help_heading("Environment variables"))
}

fn function_url() -> [Arg; 3] {
    [
        option(
            "invoke-mode",
            "MODE",
            "Stream responses, or return each when it is complete [default: response-stream]",
        )
        .value_parser(["response-stream", "buffered"]),
        option(
            "auth",
            "TYPE",
            "Accept all requests, or only requests with a SigV4 signature (its value is not checked) [default: none]",
        )
        .value_parser(["none", "aws-iam"]),
        option(
            "cors",
            "JSON|@FILE",
            "Respond to requests of other origins as this CORS configuration says. It has the form of Lambda's API: \
             {\"AllowOrigins\": [\"https://example.com\"], \"AllowMethods\": [\"GET\"]}",
        ),
    ]
    .map(|argument| argument.help_heading("Function URL").conflicts_with("rest-api"))
}

fn rest_api_and_limits() -> [Arg; 2] {
    [
        flag(
            "rest-api",
            "Serve an API Gateway REST API with response streaming instead of a Function URL",
        )
        .help_heading("API Gateway"),
        option(
            "limits",
            "LIST",
            "Apply these limits of Lambda: a comma-separated list, `all` or `none`. `size`: 6 MB for an event and a \
             buffered response, 200 MB for a stream. `prelude`: 16 KB. `bandwidth`: 2 MB/s after 6 MB. `idle`: the idle \
             timeout of a REST API, 5 minutes [default: size,prelude]",
        )
        .value_delimiter(',')
        .value_parser(values::LIMITS)
        .hide_possible_values(true)
        .help_heading("Limits"),
    ]
}

fn invoke_once() -> [Arg; 3] {
    [
        option(
            "event",
            "JSON|@FILE|-",
            "Invoke the function once with this event, print the response as it arrives, and exit with status 1 if the \
             invocation failed. @FILE reads the event from a file, - from standard input",
        )
        // A number is a valid event.
        .allow_negative_numbers(true)
        .value_parser(|value: &str| Ok::<_, String>(EventSource::parse(value)))
        .conflicts_with_all(SERVING_OPTIONS)
        .conflicts_with("replay")
        .help_heading("Invoke once"),
        option(
            "record",
            "FILE",
            "Append each invocation to FILE, one JSON object in each line: request, response, status, error and duration",
        )
        .value_parser(value_parser!(PathBuf))
        .conflicts_with("replay")
        .help_heading("Record and replay"),
        option(
            "replay",
            "FILE",
            "Invoke the function with each recorded event, print which responses differ from the recording, and exit \
             with status 1 if any differs",
        )
        .value_parser(value_parser!(PathBuf))
        .conflicts_with_all(SERVING_OPTIONS)
        .help_heading("Record and replay"),
    ]
}

fn other() -> [Arg; 2] {
    [
        option("completions", "SHELL", "Print a completion script for this shell")
            .value_parser(EnumValueParser::<Shell>::new())
            .exclusive(true),
        Arg::new("help")
            .long("help")
            .short('h')
            .action(ArgAction::Help)
            .help("Print this help"),
    ]
    .map(|argument| argument.help_heading("Other"))
}
