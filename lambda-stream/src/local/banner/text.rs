//! The text of the banner.

use std::fmt::Write as _;
use std::net::SocketAddr;

use super::super::server::listener::Bound;
use super::super::server::origin_check::Exposure;
use super::super::settings::{AuthType, Execution, FrontEndSettings, InvokeMode, LimitSettings, Settings};
use super::super::terminal::style::{Color, Style};
use super::super::variables;
use super::Start;

/// The width of the labels, in columns.
const LABEL_WIDTH: usize = 14;

/// How a new build is used.
const HOT_RELOAD: &str = "run cargo build in another terminal; the next request runs the new build";

/// What the banner shows.
pub(crate) struct Banner {
    settings: Settings,
    address: SocketAddr,
    port_in_use: Option<u16>,
    function_name: String,
    region: String,
}

impl Banner {
    pub(crate) fn new(settings: &Settings, bound: &Bound) -> Self {
        let variable = |name: &str| {
            let variables = settings.variables.iter().rev();
            let mut values = variables.filter(|(variable, _)| variable == name);
            values.next().map(|(_, value)| value.clone())
        };
        Self {
            settings: settings.clone(),
            address: bound.address,
            port_in_use: bound.port_in_use,
            function_name: variable("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_else(variables::function_name),
            region: variable("AWS_REGION").unwrap_or_else(variables::region),
        }
    }

    pub(super) fn text(&self, start: &Start, style: Style) -> String {
        let name = &self.function_name;
        let mut text = match start {
            Start::Ready(init) => format!(
                "lambda-stream: {}, initialized in {} ms\n\n",
                style.paint(Color::Green, format_args!("{name} is ready")),
                init.as_millis()
            ),
            Start::Failed(reason) => format!(
                "lambda-stream: {}: {reason}\n\
                 requests fail until it initializes: correct the function and build it, or set what it needs\n\n",
                style.paint(Color::Red, format_args!("{name} failed to initialize"))
            ),
        };
        for (label, value) in self.rows() {
            let _ = writeln!(text, "  {} {value}", style.dim(format_args!("{label:LABEL_WIDTH$}")));
        }
        if Exposure::of(self.settings.host) == Exposure::Network {
            let _ = writeln!(
                text,
                "\n{}: because of --host {}, anyone who can reach this machine over the network can \
                 invoke the function",
                style.paint(Color::Yellow, "warning"),
                self.settings.host
            );
        }
        text
    }

    fn rows(&self) -> Vec<(&'static str, String)> {
        let base = format!("http://{}", self.address);
        let name = &self.function_name;
        let (front_end, curl) = match &self.settings.front_end {
            FrontEndSettings::RestApi => ("REST API", format!("curl -N {base}/")),
            FrontEndSettings::FunctionUrl { invoke_mode, auth, .. } => {
                let unbuffered = match invoke_mode {
                    InvokeMode::ResponseStream => " -N",
                    InvokeMode::Buffered => "",
                };
                let signature = match auth {
                    AuthType::None => String::new(),
                    AuthType::AwsIam => format!(" --aws-sigv4 aws:amz:{}:lambda --user local:local", self.region),
                };
                ("Function URL", format!("curl{unbuffered}{signature} {base}/"))
            }
        };
        let timeout = self.settings.timeout().as_secs_f64();
        let (processes, reload) = match self.settings.execution {
            Execution::Environments(1) => ("1 environment".to_owned(), HOT_RELOAD),
            Execution::Environments(count) => (format!("up to {count} environments"), HOT_RELOAD),
            Execution::InProcess => ("this process".to_owned(), "off, because of --in-process"),
        };
        let mut rows = vec![(front_end, format!("{base}/"))];
        if let Some(port) = self.port_in_use {
            rows.push(("", format!("port {port} is in use")));
        }
        rows.extend([
            ("Try", curl),
            (
                "AWS SDKs",
                format!("AWS_ENDPOINT_URL_LAMBDA={base}, function name {name}"),
            ),
            (
                "AWS CLI",
                format!(
                    "aws lambda invoke --endpoint-url {base} --region {} --no-sign-request --function-name {name} \
                     /dev/stdout",
                    self.region
                ),
            ),
            ("Viewer", format!("{base}/_stream/")),
            (
                "Runs in",
                format!("{processes}, timeout {timeout} s{}", limits(self.settings.limits)),
            ),
            ("Hot reload", reload.to_owned()),
        ]);
        if let Some(file) = &self.settings.record {
            rows.push(("Recording", format!("to {}", file.display())));
        }
        rows
    }
}

/// Names the limits that apply, if they are not the default ones.
fn limits(limits: LimitSettings) -> String {
    if limits == LimitSettings::default() {
        return String::new();
    }
    let all = [
        (limits.size, "size"),
        (limits.prelude, "prelude"),
        (limits.bandwidth, "bandwidth"),
        (limits.idle, "idle"),
    ];
    let names: Vec<&str> = all
        .iter()
        .filter(|(applies, _)| *applies)
        .map(|(_, name)| *name)
        .collect();
    match names.as_slice() {
        [] => ", no limits".to_owned(),
        names => format!(", limits: {}", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn text(settings: Settings, start: &Start) -> String {
        let banner = Banner {
            settings,
            address: "127.0.0.1:9001".parse().unwrap(),
            port_in_use: Some(9000),
            function_name: "chat".to_owned(),
            region: "eu-west-1".to_owned(),
        };
        banner.text(start, Style::PLAIN)
    }

    #[test]
    fn banner_shows_how_to_invoke_function() {
        let text = text(Settings::default(), &Start::Ready(Duration::from_millis(12)));
        let expected = "\
lambda-stream: chat is ready, initialized in 12 ms

  Function URL   http://127.0.0.1:9001/
                 port 9000 is in use
  Try            curl -N http://127.0.0.1:9001/
  AWS SDKs       AWS_ENDPOINT_URL_LAMBDA=http://127.0.0.1:9001, function name chat
  AWS CLI        aws lambda invoke --endpoint-url http://127.0.0.1:9001 --region eu-west-1 --no-sign-request --function-name chat /dev/stdout
  Viewer         http://127.0.0.1:9001/_stream/
  Runs in        up to 10 environments, timeout 30 s
  Hot reload     run cargo build in another terminal; the next request runs the new build
";
        assert_eq!(text, expected);
    }

    #[test]
    fn banner_follows_settings() {
        let settings = Settings {
            host: "0.0.0.0".parse().unwrap(),
            execution: Execution::InProcess,
            front_end: FrontEndSettings::FunctionUrl {
                invoke_mode: InvokeMode::Buffered,
                auth: AuthType::AwsIam,
                cors: None,
            },
            limits: LimitSettings {
                size: false,
                ..LimitSettings::default()
            },
            record: Some("a.ndjson".into()),
            ..Settings::default()
        };
        let text = text(settings, &Start::Ready(Duration::ZERO));
        for part in [
            "curl --aws-sigv4 aws:amz:eu-west-1:lambda --user local:local http://127.0.0.1:9001/\n",
            "Runs in        this process, timeout 900 s, limits: prelude\n",
            "Hot reload     off, because of --in-process\n",
            "Recording      to a.ndjson\n",
            "warning: because of --host 0.0.0.0, anyone who can reach",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }

    #[test]
    fn failed_start_says_that_requests_fail() {
        let settings = Settings {
            front_end: FrontEndSettings::RestApi,
            ..Settings::default()
        };
        let text = text(settings, &Start::Failed("exit status: 1".to_owned()));
        assert!(text.starts_with("lambda-stream: chat failed to initialize: exit status: 1\nrequests fail until"));
        assert!(text.contains("  REST API       http://127.0.0.1:9001/\n"), "{text}");
    }
}
