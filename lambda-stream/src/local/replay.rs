//! The front end for `--replay`: invokes the function with each event of a recording, one after the other, and compares the
//! responses with the recorded ones.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _, Write};
use std::path::Path;
use std::time::Instant;

use super::activity::event::{InvocationError, RequestInfo, Source};
use super::broker::Broker;
use super::broker::invocation::NewInvocation;
use super::broker::response::FunctionResponse;
use super::cli::UsageError;
use super::identifiers::RequestId;
use super::one_shot::OneShotResult;
use super::recording::format::{RecordedError, RecordedInvocation};
use crate::stderr;

mod comparison;

use comparison::Response;

/// The maximum size of a recording, in bytes. It is read into memory.
const MAX_RECORDING_BYTES: u64 = 2 * 1024 * 1024 * 1024;

/// The number of bytes of a response that are compared. A response has no maximum length.
const MAX_RESPONSE_BYTES: usize = 256 * 1024 * 1024;

/// An invocation to repeat.
#[derive(Debug)]
pub(crate) struct Invocation {
    id: RequestId,
    request: RequestInfo,
    function_arn: String,
    client_context: Option<String>,
    tenant_id: Option<String>,
    expected: Response,
}

/// Reads a recording.
///
/// # Errors
/// Returns an error if the file cannot be read, names the line that is malformed, or has no invocation.
pub(crate) fn read(path: &Path) -> Result<Vec<Invocation>, UsageError> {
    let name = path.display();
    let fail = |error: io::Error| UsageError::new(format!("failed to read the recording `{name}`: {error}"));
    let file = File::open(path).map_err(fail)?;
    let mut lines = BufReader::new(file.take(MAX_RECORDING_BYTES + 1));
    let mut invocations = Vec::new();
    let mut line = Vec::new();
    let mut size = 0;
    for number in 1.. {
        line.clear();
        size += lines.read_until(b'\n', &mut line).map_err(fail)? as u64;
        if size > MAX_RECORDING_BYTES {
            return Err(UsageError::new(format!(
                "the recording `{name}` is larger than {MAX_RECORDING_BYTES} bytes: split it into several files"
            )));
        }
        if line.is_empty() {
            break;
        }
        let json = line.trim_ascii();
        if json.is_empty() {
            continue;
        }
        let invocation = Invocation::parse(json).map_err(|error| {
            UsageError::new(format!("line {number} of the recording `{name}` is not valid: {error}"))
        })?;
        invocations.push(invocation);
    }
    match invocations.is_empty() {
        true => Err(UsageError::new(format!("the recording `{name}` has no invocations"))),
        false => Ok(invocations),
    }
}

impl Invocation {
    fn parse(line: &[u8]) -> Result<Self, String> {
        let recorded: RecordedInvocation = serde_json::from_slice(line).map_err(|error| error.to_string())?;
        let id = RequestId::parse(&recorded.request_id)
            .ok_or("`requestId` must have 1 to 64 letters, digits and hyphens".to_owned())?;
        let request = RequestInfo {
            source: Source::CommandLine,
            event: recorded.request.event()?,
            method: recorded.request.method,
            path: recorded.request.path,
        };
        let expected = match recorded.response {
            Some(response) => Response {
                has_started: true,
                bytes: response.bytes()?,
                is_truncated: response.is_truncated,
                content_type: response.content_type,
                error: recorded.error,
            },
            None => Response {
                error: recorded.error,
                ..Response::default()
            },
        };
        Ok(Self {
            id,
            request,
            function_arn: recorded.request.function_arn,
            client_context: recorded.request.client_context,
            tenant_id: recorded.request.tenant_id,
            expected,
        })
    }
}

/// Invokes the function with each event, and writes one line for each to `output`.
pub(super) async fn run(broker: &Broker, invocations: Vec<Invocation>, mut output: impl Write) -> OneShotResult {
    match replay(broker, invocations, &mut output).await {
        Ok(result) => result,
        Err(error) => {
            // A broken pipe is normal with a reader such as `head`.
            if error.kind() != io::ErrorKind::BrokenPipe {
                stderr::line(format_args!("failed to write the result of the replay: {error}"));
            }
            OneShotResult::Failed
        }
    }
}

async fn replay(broker: &Broker, invocations: Vec<Invocation>, output: &mut impl Write) -> io::Result<OneShotResult> {
    let count = invocations.len();
    let mut differing = 0;
    for (number, invocation) in (1..).zip(invocations) {
        let Invocation {
            id,
            request,
            function_arn,
            client_context,
            tenant_id,
            expected,
        } = invocation;
        let title = format!("{} {}", request.method.escape_debug(), request.path.escape_debug());
        let invocation = NewInvocation {
            function_arn,
            client_context,
            tenant_id,
            ..NewInvocation::new(id, request)
        };
        let start = Instant::now();
        let response = invoke(broker, invocation).await;
        let milliseconds = start.elapsed().as_millis();
        let differences = expected.differences(&response);
        if differences.is_empty() {
            writeln!(output, "{number:>4}  ok       {title} ({milliseconds} ms)")?;
        } else {
            differing += 1;
            writeln!(output, "{number:>4}  differs  {title}: {}", differences.join("; "))?;
        }
        output.flush()?;
    }
    writeln!(output, "{count} replayed, {differing} differ from the recording")?;
    output.flush()?;
    Ok(match differing {
        0 => OneShotResult::Succeeded,
        _ => OneShotResult::Differs,
    })
}

/// Invokes the function, and waits until the invocation is complete.
async fn invoke(broker: &Broker, invocation: NewInvocation) -> Response {
    let mut handle = broker.invoke(invocation);
    let mut response = Response::default();
    match handle.response().await {
        FunctionResponse::Buffered(payload) => {
            response.has_started = true;
            response.bytes = payload.to_vec();
        }
        FunctionResponse::Streaming { content_type, mut body } => {
            response.has_started = true;
            response.content_type = Some(content_type);
            while let Some(chunk) = body.next().await {
                match chunk {
                    Ok(chunk) if response.bytes.len() + chunk.len() > MAX_RESPONSE_BYTES => {
                        response.is_truncated = true;
                    }
                    Ok(chunk) if !response.is_truncated => response.bytes.extend_from_slice(&chunk),
                    Ok(_) => {}
                    Err(error) => response.error = Some(recorded(error)),
                }
            }
        }
        FunctionResponse::Failed(error) => response.error = Some(recorded(error)),
    }
    handle.completed().await;
    response
}

fn recorded(error: InvocationError) -> RecordedError {
    RecordedError {
        error_type: error.error_type,
        error_message: error.message,
    }
}

#[cfg(test)]
mod tests;
