//! A function whose user code panics. It runs the steps in its event: `{"steps": [{"write": "a"}, {"panic": "message"}]}`.
//!
//! All invocations and tasks share one thread.
#![allow(clippy::panic, clippy::print_stderr, reason = "the event can request it")]

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::panic::{catch_unwind, panic_any, resume_unwind};
use std::pin::{Pin, pin};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Wake};

use bytes::Bytes;
use lambda_stream::{Error, ResponseStream, Runtime};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use tokio::sync::{Notify, Semaphore, mpsc};

#[derive(Deserialize)]
struct Script {
    steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Step {
    Write(String),
    /// Panics, which calls the panic hook.
    Panic(String),
    /// Panics with a number.
    PanicNumber,
    /// Panics, and catches the panic.
    Catch(String),
    /// Panics with a number, and catches the panic.
    CatchNumber,
    /// Ends with `resume_unwind`, which does not call the panic hook.
    Resume(String),
    /// Ends with `resume_unwind` and a number.
    ResumeNumber,
    /// Moves the stream into a task that runs these steps. The handler does not wait for the task.
    Spawn(Vec<Step>),
    /// Runs these steps in a task without the stream, and ignores its panic.
    Join(Vec<Step>),
    /// Moves the stream to a task that runs the steps of all invocations, and catches the panics of its jobs.
    Worker(Vec<Step>),
    /// Waits for a `release` of another invocation.
    AwaitRelease,
    Release,
    /// Waits forever, with a value whose destructor panics with a payload whose destructor panics.
    HangWithPanickingPayload,
    /// Sends this many chunks. The destructor of each panics.
    SendOwned(usize),
    /// Writes more than the buffer holds, with a waker that panics, and waits until it was woken.
    WriteWithPanickingWaker,
    /// Deserializing it panics.
    Deserialize(PanickingSerde),
    /// Sends a value whose serialization panics.
    Serialize,
    /// Fails with an error whose `source` panics.
    FailWithPanickingSource,
    /// Fails with an error whose destructor panics.
    FailWithPanickingDrop,
}

type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

static RELEASED: Semaphore = Semaphore::const_new(0);

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let captured = is_set("PANICKING_CAPTURE").then(|| PanickingDrop);
    let mut runtime = Runtime::new();
    if is_set("HANGING_HOOK") {
        runtime = runtime.on_shutdown(async || {
            let _guard = PanickingDrop;
            std::future::pending::<()>().await;
        });
    }
    if is_set("PANICKING_CAPTURE") {
        let captured = PanickingDrop;
        runtime = runtime.before_snapshot(async move || {
            let _captured = &captured;
        });
    }
    let handler = move |script: Script, stream: ResponseStream| {
        let _captured = &captured;
        run(script.steps, Some(stream))
    };
    match runtime.run(handler).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn is_set(variable: &str) -> bool {
    std::env::var_os(variable).is_some()
}

fn run(steps: Vec<Step>, mut stream: Option<ResponseStream>) -> BoxFuture<Result<(), Error>> {
    Box::pin(async move {
        for step in steps {
            match (step, &mut stream) {
                (Step::Spawn(steps), stream) => {
                    tokio::spawn(run(steps, stream.take()));
                }
                (Step::Worker(steps), stream) => send_to_worker(run(steps, stream.take())),
                (Step::Write(text), Some(stream)) => stream.write(text).await?,
                (Step::SendOwned(count), Some(stream)) => {
                    for _ in 0..count {
                        stream
                            .send(Bytes::from_owner(PanickingOwner([b'x'; 32 * 1024])))
                            .await?;
                    }
                }
                (Step::WriteWithPanickingWaker, Some(stream)) => write_with_panicking_waker(stream).await?,
                (Step::Serialize, stream) => {
                    if let Some(stream) = stream.take() {
                        stream.ndjson()?.send(&PanickingSerde).await?;
                    }
                }
                (step, _) => run_without_stream(step).await?,
            }
        }
        Ok(())
    })
}

async fn run_without_stream(step: Step) -> Result<(), Error> {
    match step {
        Step::Panic(message) => panic!("{message}"),
        Step::PanicNumber => panic_any(7),
        Step::Catch(message) => drop(catch_unwind(|| panic!("{message}"))),
        Step::CatchNumber => drop(catch_unwind(|| panic_any(7))),
        Step::Resume(message) => resume_unwind(Box::new(message)),
        Step::ResumeNumber => resume_unwind(Box::new(7)),
        Step::Join(steps) => drop(tokio::spawn(run(steps, None)).await),
        Step::AwaitRelease => RELEASED.acquire().await?.forget(),
        Step::Release => RELEASED.add_permits(1),
        Step::HangWithPanickingPayload => {
            let _guard = PanickingPayload(2);
            std::future::pending().await
        }
        Step::FailWithPanickingSource => Err(PanickingSource)?,
        Step::FailWithPanickingDrop => Err(FailureWithDrop(PanickingDrop))?,
        _ => return Err(Error::new("no stream is left")),
    }
    Ok(())
}

/// Runs a job on a task that runs all jobs one after another.
fn send_to_worker(job: BoxFuture<Result<(), Error>>) {
    static WORKER: OnceLock<mpsc::UnboundedSender<BoxFuture<Result<(), Error>>>> = OnceLock::new();
    let worker = WORKER.get_or_init(|| {
        let (sender, mut receiver) = mpsc::unbounded_channel::<BoxFuture<Result<(), Error>>>();
        tokio::spawn(async move {
            use futures::FutureExt as _;
            while let Some(job) = receiver.recv().await {
                drop(std::panic::AssertUnwindSafe(job).catch_unwind().await);
            }
        });
        sender
    });
    drop(worker.send(job));
}

async fn write_with_panicking_waker(stream: &mut ResponseStream) -> Result<(), Error> {
    let waker = Arc::new(PanickingWaker::default());
    {
        // Twice as many bytes as the buffer has capacity for.
        let mut write = pin!(stream.write(vec![b'x'; 512 * 1024]));
        let std_waker = Arc::clone(&waker).into();
        // At the first poll the write wakes itself, to yield to other tasks.
        for _ in 0..2 {
            if write.as_mut().poll(&mut Context::from_waker(&std_waker)).is_ready() {
                return Err(Error::new("the write did not wait"));
            }
        }
        waker.panics.store(true, Ordering::Relaxed);
    }
    waker.woken.notified().await;
    Ok(())
}

#[derive(Default)]
struct PanickingWaker {
    panics: AtomicBool,
    woken: Notify,
}

impl Wake for PanickingWaker {
    fn wake(self: Arc<Self>) {
        if self.panics.load(Ordering::Relaxed) {
            self.woken.notify_one();
            panic!("woken");
        }
    }
}

struct PanickingOwner([u8; 32 * 1024]);

impl AsRef<[u8]> for PanickingOwner {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for PanickingOwner {
    fn drop(&mut self) {
        panic!("a chunk was dropped");
    }
}

struct PanickingDrop;

impl Drop for PanickingDrop {
    fn drop(&mut self) {
        panic!("dropped");
    }
}

/// Panics when it is dropped, with a payload that panics when it is dropped, and so on to this depth.
struct PanickingPayload(usize);

impl Drop for PanickingPayload {
    fn drop(&mut self) {
        match self.0 {
            0 => panic!("the innermost payload was dropped"),
            depth => panic_any(Self(depth - 1)),
        }
    }
}

#[derive(Clone, Copy)]
struct PanickingSerde;

impl<'de> Deserialize<'de> for PanickingSerde {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        panic!("deserialized")
    }
}

impl Serialize for PanickingSerde {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        panic!("serialized")
    }
}

#[derive(Debug)]
struct PanickingSource;

impl fmt::Display for PanickingSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an error with a source")
    }
}

impl StdError for PanickingSource {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        panic!("asked for its source")
    }
}

struct FailureWithDrop(PanickingDrop);

impl fmt::Debug for FailureWithDrop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FailureWithDrop")
    }
}

impl fmt::Display for FailureWithDrop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a failure")
    }
}

impl StdError for FailureWithDrop {}
