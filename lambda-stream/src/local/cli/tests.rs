use super::super::settings::Cors;
use super::*;

fn parse_args(arguments: &[&str]) -> Result<Command, String> {
    let arguments: Vec<_> = arguments.iter().map(OsString::from).collect();
    parse(&arguments).map_err(|error| error.to_string())
}

fn error(arguments: &[&str]) -> String {
    parse_args(arguments).unwrap_err()
}

fn serve(change: impl FnOnce(&mut Settings)) -> Result<Command, String> {
    let mut settings = Settings::default();
    change(&mut settings);
    Ok(Command::Serve(settings))
}

fn in_process() -> Settings {
    Settings {
        execution: Execution::InProcess,
        ..Settings::default()
    }
}

#[test]
fn definition_is_consistent() {
    arguments::command().debug_assert();
}

#[test]
fn serving_options_are_parsed() {
    let host = |host: &str| {
        let host = host.parse().unwrap();
        serve(|settings| settings.host = host)
    };
    let port = |port| serve(|settings| settings.port = Port::Exactly(port));
    assert_eq!(parse_args(&[]), serve(|_| {}));
    assert_eq!(parse_args(&["--port", "0"]), port(0));
    assert_eq!(parse_args(&["--port=81"]), port(81));
    assert_eq!(parse_args(&["--host", "0.0.0.0"]), host("0.0.0.0"));
    assert_eq!(parse_args(&["--host=localhost"]), host("127.0.0.1"));
    assert_eq!(parse_args(&["--host=::1"]), host("::1"));
    assert_eq!(
        parse_args(&["--environments=3", "--timeout", "1.5"]),
        serve(|settings| {
            settings.execution = Execution::Environments(3);
            settings.timeout = Some(Duration::from_millis(1500));
        })
    );
    assert_eq!(parse_args(&["--in-process"]), Ok(Command::Serve(in_process())));
    assert_eq!(
        parse_args(&["--record", "a.ndjson"]),
        serve(|settings| settings.record = Some("a.ndjson".into()))
    );
}

#[test]
fn front_end_options_are_parsed() {
    assert_eq!(
        parse_args(&["--rest-api"]),
        serve(|settings| settings.front_end = FrontEndSettings::RestApi)
    );
    assert_eq!(
        parse_args(&["--invoke-mode=buffered", "--auth", "aws-iam", "--cors", "{}"]),
        serve(|settings| {
            settings.front_end = FrontEndSettings::FunctionUrl {
                invoke_mode: InvokeMode::Buffered,
                auth: AuthType::AwsIam,
                cors: Some(Cors::default()),
            };
        })
    );
}

#[test]
fn limits_are_parsed() {
    let limits = |list: &str| match parse_args(&["--limits", list]) {
        Ok(Command::Serve(settings)) => {
            let LimitSettings {
                size,
                prelude,
                bandwidth,
                idle,
            } = settings.limits;
            [size, prelude, bandwidth, idle]
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(limits("all"), [true; 4]);
    assert_eq!(limits("none"), [false; 4]);
    assert_eq!(limits("bandwidth"), [false, false, true, false]);
    assert_eq!(limits("idle,size,prelude"), [true, true, false, true]);
    assert!(error(&["--limits", "size,bandwith"]).ends_with("not `bandwith`: did you mean `bandwidth`?"));
    assert!(error(&["--limits", "size,none"]).starts_with("--limits takes `none` only alone"));
    assert!(error(&["--limits="]).starts_with("--limits needs a value"));
}

#[test]
fn later_variable_follows_earlier_one() {
    let path = std::env::temp_dir().join(format!("lambda-stream-cli-{}.env", std::process::id()));
    std::fs::write(&path, "B=2\nC=2\n").unwrap();
    let file = path.to_str().unwrap();
    let Ok(Command::Serve(settings)) = parse_args(&["--env=A=1", "--env=B=1", "--env-file", file, "--env", "C=3"])
    else {
        panic!("the arguments are valid");
    };
    std::fs::remove_file(path).unwrap();
    let variables: Vec<_> = settings
        .variables
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    assert_eq!(variables, ["A=1", "B=1", "B=2", "C=2", "C=3"]);
}

#[test]
fn invocation_without_front_end_is_parsed() {
    let invoke = |source| Ok(Command::Invoke(source, in_process()));
    let text = |text: &str| invoke(EventSource::Text(text.to_owned()));
    assert_eq!(parse_args(&["--event", "{}"]), text("{}"));
    assert_eq!(parse_args(&["--event", "-1.5"]), text("-1.5"));
    assert_eq!(parse_args(&["--event=\"a=b,c\""]), text("\"a=b,c\""));
    assert_eq!(
        parse_args(&["--event", "@a.json"]),
        invoke(EventSource::File("a.json".to_owned()))
    );
    assert_eq!(parse_args(&["--event", "-"]), invoke(EventSource::StandardInput));
    assert_eq!(
        parse_args(&["--in-process", "--replay=a.ndjson"]),
        Ok(Command::Replay("a.ndjson".into(), in_process()))
    );
}

#[test]
fn help_lists_every_option() {
    for arguments in [&["--help"][..], &["-h"], &["--port", "1", "-h"]] {
        let Ok(Command::Print(help)) = parse_args(arguments) else {
            panic!("{arguments:?}");
        };
        for argument in arguments::command().get_arguments() {
            let name = format!("--{}", argument.get_id());
            assert!(help.contains(&name), "{name}: {help}");
        }
    }
}

#[test]
fn completion_script_is_printed_for_each_shell() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let Ok(Command::Print(script)) = parse_args(&["--completions", shell]) else {
            panic!("{shell}");
        };
        assert!(script.contains("env-file"), "{shell}: {script}");
    }
    assert_eq!(
        error(&["--completions=bash", "--port=1"]),
        "--completions cannot be combined with other options"
    );
}

#[test]
fn invalid_arguments_return_specific_errors() {
    assert_eq!(error(&["serve"]), "unknown argument `serve`");
    assert_eq!(error(&["--prot"]), "unknown argument `--prot`, did you mean `--port`?");
    assert_eq!(error(&["--help=1"]), "--help takes no value, not `1`");
    assert_eq!(error(&["--port"]), "--port needs a value: --port N");
    assert_eq!(error(&["--event"]), "--event needs a value: --event JSON|@FILE|-");
    assert_eq!(
        error(&["--port", "65536"]),
        "--port takes a number from 0 to 65535, not `65536`"
    );
    assert_eq!(
        error(&["--environments=0"]),
        "--environments takes a number from 1 to 1000, not `0`"
    );
    assert_eq!(error(&["--auth=iam"]), "--auth takes `none` or `aws-iam`, not `iam`");
    assert_eq!(error(&["--env=A"]), "--env takes NAME=VALUE, not `A`");
    assert_eq!(
        error(&["--host", "my-laptop"]),
        "--host takes an IP address of this machine, or 0.0.0.0 for all addresses, not `my-laptop`"
    );
}

#[test]
fn repeated_option_returns_error() {
    for option in [
        "--port=1",
        "--host=::",
        "--environments=1",
        "--timeout=1",
        "--in-process",
        "--invoke-mode=buffered",
        "--auth=none",
        "--cors={}",
        "--rest-api",
        "--limits=all",
        "--event={}",
        "--record=a",
        "--replay=a",
    ] {
        let name = option.split('=').next().unwrap();
        assert_eq!(error(&[option, option]), format!("{name} is specified twice"));
    }
}

#[test]
fn conflicting_options_return_error() {
    let conflicts = |first: &str, second: &str| {
        let error = error(&[first, second]);
        let name = |option: &str| option.split('=').next().unwrap().to_owned();
        let expected = [(first, second), (second, first)]
            .map(|(one, other)| format!("{} cannot be combined with {}", name(one), name(other)));
        assert!(expected.contains(&error), "{error}");
    };
    for option in [
        "--port=1",
        "--host=::1",
        "--environments=1",
        "--rest-api",
        "--invoke-mode=buffered",
        "--auth=none",
        "--cors={}",
        "--replay=a",
    ] {
        conflicts(option, "--event={}");
    }
    conflicts("--port=1", "--replay=a");
    conflicts("--record=a", "--replay=a");
    conflicts("--environments=1", "--in-process");
    for option in ["--invoke-mode=buffered", "--auth=none", "--cors={}"] {
        conflicts(option, "--rest-api");
    }
}

#[test]
#[cfg(unix)]
fn invalid_utf8_returns_error() {
    use std::os::unix::ffi::OsStringExt;
    for argument in [
        &b"--\xff"[..],
        b"--port=\xff",
        b"\xff",
        b"--event=\xff",
        b"--env=A=\xff",
        b"-\xff",
    ] {
        let argument = OsString::from_vec(argument.to_vec());
        let error = parse(&[argument]).unwrap_err().to_string();
        assert!(error.contains('\u{fffd}'), "{error}");
    }
    let file_name = OsString::from_vec(b"--record=\xff".to_vec());
    assert!(matches!(parse(&[file_name]), Ok(Command::Serve(_))));
}
