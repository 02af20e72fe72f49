//! The one-shot front end: one event from the command line, its answer to standard output as it comes.

use std::io::{self, Write};

use bytes::Bytes;

use super::broker::{Answer, AnswerBody, Broker};
use super::identifiers::RequestId;
use super::prelude::{self, Head, HeadError};
use crate::logging;

/// How a one shot ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The function answered, and all of the answer is on standard output.
    Succeeded,
    /// The function failed, its answer was unusable or cut short, or standard output could not take it.
    Failed,
}

/// Invokes the function once, writes its answer to `output`, and waits until the function is done.
pub(super) async fn run(broker: &Broker, event: Bytes, mut output: impl Write) -> Ended {
    let mut call = broker.invoke(RequestId::unique(), event);
    let ended = match call.answer().await {
        Answer::Buffered(payload) => print(&payload, &mut output).map(|()| Ended::Succeeded),
        Answer::Streaming { content_type, body } => copy(&content_type, body, &mut output).await,
        // The function's own log has it.
        Answer::Failed(_) => Ok(Ended::Failed),
    };
    match ended {
        Ok(ended) => {
            call.settled().await;
            ended
        }
        // Nobody reads the rest: the function is not waited for.
        Err(error) => {
            // `| head` is no fault to speak of.
            if error.kind() != io::ErrorKind::BrokenPipe {
                logging::line(format_args!("cannot write the response: {error}"));
            }
            Ended::Failed
        }
    }
}

async fn copy(content_type: &str, mut body: AnswerBody, output: &mut impl Write) -> io::Result<Ended> {
    if prelude::leads(content_type) {
        match prelude::read(&mut body).await {
            Ok((head, first)) => {
                show(&head);
                print(&first, output)?;
            }
            Err(HeadError::Failed(_)) => return Ok(Ended::Failed),
            Err(HeadError::Unusable { message, .. }) => {
                logging::line(message);
                return Ok(Ended::Failed);
            }
        }
    }
    while let Some(piece) = body.next().await {
        match piece {
            Ok(piece) => print(&piece, output)?,
            Err(_) => return Ok(Ended::Failed),
        }
    }
    Ok(Ended::Succeeded)
}

fn print(bytes: &[u8], output: &mut impl Write) -> io::Result<()> {
    output.write_all(bytes)?;
    output.flush()
}

/// Status and headers, on standard error: standard output is the body's alone.
fn show(head: &Head) {
    let mut lines = format!("HTTP {}\n", head.status);
    for (name, value) in &head.headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        lines += &format!("{name}: {value}\n");
    }
    let _ = io::stderr().write_all(lines.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::super::fake_runtime::FakeRuntime;
    use super::super::{FrontEnd, Session, launch};
    use super::*;
    use std::sync::mpsc;

    /// Standard output's stand-in: what is written arrives piece by piece.
    struct Pieces(mpsc::Sender<String>);

    impl Write for Pieces {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let piece = String::from_utf8(bytes.to_vec()).unwrap();
            match self.0.send(piece) {
                Ok(()) => Ok(bytes.len()),
                Err(_) => Err(io::ErrorKind::BrokenPipe.into()),
            }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn invoked() -> (FakeRuntime, Session, mpsc::Receiver<String>) {
        let (sender, pieces) = mpsc::channel();
        let session = launch(FrontEnd::OneShot {
            event: Bytes::from_static(b"{\"a\": 1}"),
            output: Box::new(Pieces(sender)),
        })
        .unwrap();
        (FakeRuntime::of(&session), session, pieces)
    }

    fn ended(mut session: Session) -> Ended {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(session.ended())
    }

    /// The poll after the response; it stays open, and ends with the test.
    fn poll_again(function: FakeRuntime) {
        std::thread::spawn(move || function.poll());
    }

    #[test]
    fn the_event_arrives_as_it_is_and_the_answer_is_written_as_it_comes() {
        let (function, session, pieces) = invoked();
        let answer = function.poll();
        assert!(answer.ends_with("\r\n\r\n{\"a\": 1}"), "{answer}");
        let (_, id) = answer.split_once("request-id: ").unwrap();
        let type_ = "application/vnd.awslambda.http-integration-response";
        let mut stream = function.stream(id.lines().next().unwrap(), type_);
        stream.chunk("{\"statusCode\":200}\0\0\0\0\0\0\0\0");
        for piece in ["one", "two"] {
            stream.chunk(piece);
            let mut written = String::new();
            while written != piece {
                written += &pieces.recv().unwrap();
            }
        }
        assert!(stream.end().starts_with("HTTP/1.1 202 "));
        poll_again(function);
        assert_eq!(ended(session), Ended::Succeeded);
        assert_eq!(pieces.iter().collect::<String>(), "");
    }

    #[test]
    fn a_buffered_answer_is_written_too() {
        let (function, session, pieces) = invoked();
        let id = function.next();
        function.post(&format!("invocation/{id}/response"), "", "[1]");
        poll_again(function);
        assert_eq!(ended(session), Ended::Succeeded);
        assert_eq!(pieces.iter().collect::<String>(), "[1]");
    }

    #[test]
    fn every_failure_is_failed() {
        let ways: [fn(&FakeRuntime, &str); 4] = [
            |function, id| {
                function.post(&format!("invocation/{id}/error"), "", "{}");
            },
            |function, id| {
                function.stream(id, "text/plain").fail();
            },
            |function, id| function.stream(id, "text/plain").abandon(),
            |function, id| {
                let type_ = "application/vnd.awslambda.http-integration-response";
                function.stream(id, type_).end();
            },
        ];
        for fail in ways {
            let (function, session, _pieces) = invoked();
            fail(&function, &function.next());
            poll_again(function);
            assert_eq!(ended(session), Ended::Failed);
        }
    }

    #[test]
    fn an_output_that_nobody_reads_ends_it() {
        let (function, session, pieces) = invoked();
        drop(pieces);
        let mut stream = function.stream(&function.next(), "text/plain");
        stream.chunk("lost");
        assert_eq!(ended(session), Ended::Failed);
    }
}
