//! The one-shot front end: one event from the command line, its answer to standard output as it comes.

use std::io::{self, Write};

use bytes::Bytes;

use super::Ended;
use super::broker::{Answer, AnswerBody, Broker};
use super::identifiers::RequestId;
use super::prelude::{self, Head, HeadError};
use super::terminal;

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
                terminal::note(format_args!("cannot write the response: {error}"));
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
                terminal::note(message);
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
