//! The front end for `--event`: invokes the function once and writes the response to standard output as it arrives.
//!
//! The event may come from any source. Of an HTTP response, standard error shows the status and the headers, and standard
//! output contains the body.

use std::io::{self, Write};

use bytes::Bytes;

use super::activity::event::{RequestInfo, Source};
use super::broker::Broker;
use super::broker::invocation::NewInvocation;
use super::broker::response::{FunctionResponse, ResponseChunks};
use super::function_url::prelude::{self, HeadError, HeadRules, HttpHead};
use super::identifiers::RequestId;
use super::terminal::progress::Progress;
use super::variables;
use crate::event::{EventFormat, EventInfo};
use crate::stderr;

/// Whether the invocation succeeded. The exit status of the process depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OneShotResult {
    /// The complete response is on standard output.
    Succeeded,
    /// The function failed, its response was invalid or truncated, or standard output cannot be written.
    Failed,
    /// A replayed response is not that of the recording.
    Differs,
}

/// Where the response is written, and the display of its progress.
struct Output<W> {
    writer: W,
    progress: Option<Progress>,
}

impl<W: Write> Output<W> {
    /// Writes a chunk and flushes it.
    fn write(&mut self, chunk: &[u8]) -> io::Result<()> {
        self.writer.write_all(chunk)?;
        self.writer.flush()?;
        if let Some(progress) = &self.progress {
            progress.add_chunk(chunk.len());
        }
        Ok(())
    }
}

/// Invokes the function, writes the response to `output`, and waits until the invocation is complete.
pub(super) async fn run(broker: &Broker, event: Bytes, output: impl Write) -> OneShotResult {
    let mut output = Output {
        writer: output,
        progress: Progress::start(),
    };
    let format = EventInfo::from_event(&event).format;
    let request = RequestInfo {
        source: Source::CommandLine,
        method: "INVOKE".to_owned(),
        path: variables::function_name(),
        event,
    };
    let mut invocation = broker.invoke(NewInvocation::new(RequestId::random(), request));
    let written = match invocation.response().await {
        FunctionResponse::Buffered(payload) => write_buffered(&payload, format, &mut output),
        FunctionResponse::Streaming { content_type, body } => write_stream(&content_type, body, &mut output).await,
        // The runtime has logged the error.
        FunctionResponse::Failed(_) => Ok(OneShotResult::Failed),
    };
    // The last update precedes the messages about the end.
    output.progress = None;
    match written {
        Ok(result) => {
            invocation.completed().await;
            result
        }
        // The rest of the response cannot be written, so the process does not wait for it.
        Err(error) => {
            // A broken pipe is normal with a reader such as `head`.
            if error.kind() != io::ErrorKind::BrokenPipe {
                stderr::line(format_args!("failed to write the response: {error}"));
            }
            OneShotResult::Failed
        }
    }
}

/// Writes a buffered response. To an HTTP event, it may be a JSON document that describes the HTTP response; to a load
/// balancer, it always is.
fn write_buffered(payload: &[u8], format: EventFormat, output: &mut Output<impl Write>) -> io::Result<OneShotResult> {
    let decoded = match format {
        EventFormat::NotHttp => Ok(None),
        _ => prelude::decode_buffered(payload, HeadRules::AnySource),
    };
    match decoded {
        Ok(Some((head, body))) => {
            log_head(&head);
            output.write(&body)?;
        }
        Ok(None) => output.write(payload)?,
        Err(error) => return Ok(fail(error)),
    }
    Ok(OneShotResult::Succeeded)
}

async fn write_stream(
    content_type: &str,
    mut body: ResponseChunks,
    output: &mut Output<impl Write>,
) -> io::Result<OneShotResult> {
    if prelude::is_expected(content_type) {
        match prelude::read(&mut body, HeadRules::AnySource).await {
            Ok((head, body_start)) => {
                log_head(&head);
                output.write(&body_start)?;
            }
            Err(error) => return Ok(fail(error)),
        }
    }
    while let Some(chunk) = body.next().await {
        match chunk {
            Ok(chunk) => output.write(&chunk)?,
            Err(_) => return Ok(OneShotResult::Failed),
        }
    }
    Ok(OneShotResult::Succeeded)
}

fn fail(error: HeadError) -> OneShotResult {
    match error {
        // The runtime has logged the error.
        HeadError::Invocation(_) => {}
        HeadError::Invalid { message, .. } => stderr::line(message),
    }
    OneShotResult::Failed
}

/// Writes the status and the headers to standard error. Standard output contains only the body.
fn log_head(head: &HttpHead) {
    let mut lines = format!("HTTP {}\n", head.status);
    for (name, value) in &head.headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        lines += &format!("{name}: {value}\n");
    }
    stderr::writer().add(lines);
    // On a terminal, the head precedes the body.
    stderr::flush();
}

#[cfg(test)]
mod tests {
    use super::super::servers;
    use super::super::session::{EventSource, Session, launch};
    use super::super::settings::Settings;
    use super::super::test_client::{RuntimeApiClient, broker};
    use super::*;
    use std::sync::mpsc;

    /// A substitute for standard output that sends each write over a channel.
    struct ChannelWriter(mpsc::Sender<String>);

    impl Write for ChannelWriter {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let text = String::from_utf8(bytes.to_vec()).unwrap();
            match self.0.send(text) {
                Ok(()) => Ok(bytes.len()),
                Err(_) => Err(io::ErrorKind::BrokenPipe.into()),
            }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn start() -> (RuntimeApiClient, Session, mpsc::Receiver<String>) {
        let (sender, writes) = mpsc::channel();
        let source = EventSource::OneShot {
            event: Bytes::from_static(b"{\"a\": 1}"),
            output: Box::new(ChannelWriter(sender)),
        };
        let servers = servers::bind(broker(&Settings::default())).unwrap();
        let session = launch(servers, source, 1).unwrap();
        (RuntimeApiClient::new(&session), session, writes)
    }

    fn wait_for_result(mut session: Session) -> OneShotResult {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(session.one_shot_result())
    }

    /// Starts the poll that follows a response. It stays open until the test process exits.
    fn poll_again(function: RuntimeApiClient) {
        std::thread::spawn(move || function.poll());
    }

    #[test]
    fn event_is_verbatim_and_response_streams() {
        let (function, session, writes) = start();
        let response = function.poll();
        assert!(response.ends_with("\r\n\r\n{\"a\": 1}"), "{response}");
        let (_, id) = response.split_once("request-id: ").unwrap();
        let content_type = "application/vnd.awslambda.http-integration-response";
        let mut response = function.start_response(id.lines().next().unwrap(), content_type);
        response.chunk("{\"statusCode\":200}\0\0\0\0\0\0\0\0");
        for chunk in ["one", "two"] {
            response.chunk(chunk);
            let mut written = String::new();
            while written != chunk {
                written += &writes.recv().unwrap();
            }
        }
        assert!(response.end().starts_with("HTTP/1.1 202 "));
        poll_again(function);
        assert_eq!(wait_for_result(session), OneShotResult::Succeeded);
        assert_eq!(writes.iter().collect::<String>(), "");
    }

    #[test]
    fn buffered_response_is_written() {
        let (function, session, writes) = start();
        let id = function.next_id();
        function.post(&format!("invocation/{id}/response"), "", "[1]");
        poll_again(function);
        assert_eq!(wait_for_result(session), OneShotResult::Succeeded);
        assert_eq!(writes.iter().collect::<String>(), "[1]");
    }

    #[test]
    fn each_kind_of_failure_returns_failed() {
        let failures: [fn(&RuntimeApiClient, &str); 4] = [
            |function, id| {
                function.post(&format!("invocation/{id}/error"), "", "{}");
            },
            |function, id| {
                function.start_response(id, "text/plain").fail();
            },
            |function, id| function.start_response(id, "text/plain").truncate(),
            |function, id| {
                let content_type = "application/vnd.awslambda.http-integration-response";
                function.start_response(id, content_type).end();
            },
        ];
        for fail in failures {
            let (function, session, _writes) = start();
            fail(&function, &function.next_id());
            poll_again(function);
            assert_eq!(wait_for_result(session), OneShotResult::Failed);
        }
    }

    #[test]
    fn closed_output_returns_failed() {
        let (function, session, writes) = start();
        drop(writes);
        let mut response = function.start_response(&function.next_id(), "text/plain");
        response.chunk("lost");
        assert_eq!(wait_for_result(session), OneShotResult::Failed);
    }
}
