//! A zip archive of the files of a directory, made while it is sent: its size is not known in advance, and the memory
//! for it does not depend on the size of the files. A file that cannot be read to its end fails the response, and the
//! caller gets no valid archive.
//!
//! ```sh
//! cd examples/applications/zip
//! DIRECTORY=../../../docs cargo run
//! curl -f http://127.0.0.1:9000/ -o docs.zip
//! unzip -t docs.zip
//! curl -f http://127.0.0.1:9000/images -o images.zip
//! curl -f 'http://127.0.0.1:9000/?file=http.md&file=images/viewer-wide-light.png' -o some.zip
//! ```
//!
//! The path of the URL names a subdirectory, `file` (which may be repeated) a file in it. On Lambda, `DIRECTORY` is a
//! directory of the deployment package, such as `/var/task/files`, or the mount point of a file system. Lambda ends a
//! response after 200 MB.

mod archive;
mod selection;

use std::path::PathBuf;

use bytes::Bytes;
use http::{Method, Request};
use lambda_stream::{Error, HttpPrelude, ResponseStream};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::task::spawn_blocking;

use self::selection::Selection;

/// The directory whose files can be requested, without symbolic links in its path.
struct Directory(PathBuf);

async fn directory() -> Result<Directory, Error> {
    let path = PathBuf::from(std::env::var_os("DIRECTORY").unwrap_or_default());
    match path.canonicalize() {
        Ok(directory) if directory.is_dir() => Ok(Directory(directory)),
        _ => Err(Error::new(format!(
            "DIRECTORY {path:?} is not a directory: set it to the directory of the files"
        ))),
    }
}

#[lambda_stream::main(init = directory)]
async fn zip(
    request: Request<Bytes>,
    mut stream: ResponseStream,
    Directory(directory): &'static Directory,
) -> Result<(), Error> {
    if ![Method::GET, Method::HEAD].contains(request.method()) {
        let prelude = text(405).header("allow", "GET, HEAD");
        return refuse(stream, prelude, "this function supports GET and HEAD").await;
    }
    let uri = request.uri().clone();
    let selection = match spawn_blocking(move || Selection::of(directory, &uri)).await?? {
        Ok(selection) => selection,
        Err(refusal) => return refuse(stream, text(refusal.status), &refusal.message).await,
    };
    let prelude = HttpPrelude::new(200)
        .header("content-type", "application/zip")
        .header("content-disposition", attachment(&selection.archive_name()));
    stream.send_prelude(prelude).await?;
    if request.method() == Method::HEAD {
        return Ok(());
    }
    // Files are read, and compressed, on a thread that may block. It waits whenever the buffer of the stream is full.
    let summary = spawn_blocking(move || archive::send(selection.entries(), stream)).await??;
    tracing::info!(
        files = summary.files,
        skipped = summary.skipped,
        bytes = summary.bytes,
        "sent the archive"
    );
    Ok(())
}

fn text(status: u16) -> HttpPrelude {
    HttpPrelude::new(status).header("content-type", "text/plain; charset=utf-8")
}

async fn refuse(mut stream: ResponseStream, prelude: HttpPrelude, message: &str) -> Result<(), Error> {
    stream.send_prelude(prelude).await?;
    stream.write(format!("{message}\n")).await?;
    Ok(())
}

/// Returns the value of `Content-Disposition` that makes a browser save the response as `name` (RFC 6266).
fn attachment(name: &str) -> String {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || " -._".contains(char);
    // Clients that do not know `filename*` use `filename`, which has ASCII characters only.
    let plain: String = name
        .chars()
        .map(|char| if is_plain(char) { char } else { '_' })
        .collect();
    let mut value = format!("attachment; filename=\"{plain}\"");
    if plain != name {
        value += &format!("; filename*=UTF-8''{}", utf8_percent_encode(name, NON_ALPHANUMERIC));
    }
    value
}
