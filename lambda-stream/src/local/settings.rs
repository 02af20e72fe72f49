//! The settings of local mode, which the command line sets.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::time::Duration;

/// The function timeout in child processes if the command line names none.
pub(crate) const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

/// The function timeout in this process if the command line names none: Lambda's maximum, so that a function that a
/// debugger has stopped is not ended.
pub(crate) const DEFAULT_TIMEOUT_IN_PROCESS: Duration = Duration::from_secs(15 * 60);

/// The number of execution environments if the command line names none.
pub(crate) const DEFAULT_ENVIRONMENTS: usize = 10;

/// How the local Lambda serves requests.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Settings {
    pub(crate) host: IpAddr,
    pub(crate) port: Port,
    /// Where the function runs.
    pub(crate) execution: Execution,
    /// The function timeout. `None`: the default for `execution`.
    pub(crate) timeout: Option<Duration>,
    /// Environment variables of the function, in addition to those of this process.
    pub(crate) variables: Vec<(String, String)>,
    /// What the paths that belong neither to the Lambda API nor to the viewer are.
    pub(crate) front_end: FrontEndSettings,
    pub(crate) limits: LimitSettings,
    /// The file to record invocations in.
    pub(crate) record: Option<PathBuf>,
}

/// Where the function runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Execution {
    /// In child processes: at most this many.
    Environments(usize),
    /// In this process.
    InProcess,
}

/// The port to serve on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Port {
    /// The first free port of the default range.
    Default,
    /// This port. The system picks a free port if it is 0.
    Exactly(u16),
}

/// The HTTP front end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FrontEndSettings {
    FunctionUrl {
        invoke_mode: InvokeMode,
        auth: AuthType,
        cors: Option<Cors>,
    },
    /// An API Gateway REST API with `responseTransferMode: STREAM`.
    RestApi,
}

/// The invoke mode of a Function URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InvokeMode {
    Buffered,
    ResponseStream,
}

/// The auth type of a Function URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AuthType {
    None,
    /// Requests must have a SigV4 signature. The signature itself is not checked.
    AwsIam,
}

/// The CORS configuration of a Function URL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cors {
    pub(crate) allow_origins: Vec<String>,
    pub(crate) allow_methods: Vec<String>,
    pub(crate) allow_headers: Vec<String>,
    pub(crate) expose_headers: Vec<String>,
    pub(crate) allow_credentials: bool,
    pub(crate) max_age: Option<u32>,
}

/// Which of Lambda's limits apply. Each has Lambda's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LimitSettings {
    /// 6 MB for an event and for a buffered response, 200 MB for a streaming response.
    pub(crate) size: bool,
    /// 16 KB for a prelude and its delimiter.
    pub(crate) prelude: bool,
    /// 2 MB/s after the first 6 MB of a streaming response.
    pub(crate) bandwidth: bool,
    /// The idle timeout of API Gateway.
    pub(crate) idle: bool,
}

impl Settings {
    /// Returns the function timeout.
    pub(crate) fn timeout(&self) -> Duration {
        self.timeout.unwrap_or(match self.execution {
            Execution::Environments(_) => DEFAULT_TIMEOUT,
            Execution::InProcess => DEFAULT_TIMEOUT_IN_PROCESS,
        })
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            host: Ipv4Addr::LOCALHOST.into(),
            port: Port::Default,
            execution: Execution::Environments(DEFAULT_ENVIRONMENTS),
            timeout: None,
            variables: Vec::new(),
            front_end: FrontEndSettings::FunctionUrl {
                invoke_mode: InvokeMode::ResponseStream,
                auth: AuthType::None,
                cors: None,
            },
            limits: LimitSettings::default(),
            record: None,
        }
    }
}

impl Default for LimitSettings {
    fn default() -> Self {
        Self {
            size: true,
            prelude: true,
            bandwidth: false,
            idle: false,
        }
    }
}
