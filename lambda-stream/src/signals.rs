//! Shutdown signals: SIGTERM, which Lambda and container runtimes send, and SIGINT, which Ctrl-C sends.
//!
//! Registering a signal costs a few system calls; waiting for it costs none. This module only reports signals to the
//! runtime. The exception is a signal that has to exit the process: a second SIGINT, and in local mode SIGTERM while the
//! shutdown cannot complete.

use std::io;
use std::process;

use futures::future::{Either, select};

use self::platform::{Interrupt, Terminate};

/// The exit status of a process that a second SIGINT ends. Shells use 128 plus the signal number.
const INTERRUPTED: i32 = 130;

/// The exit status of a process that SIGTERM ends because it cannot write its output.
#[cfg(feature = "local")]
const TERMINATED: i32 = 143;

/// Receives SIGTERM and SIGINT.
pub(crate) struct Signals {
    terminate: Terminate,
    interrupt: Interrupt,
}

/// The signal that requested the shutdown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ShutdownSignal {
    Terminate,
    Interrupt,
}

impl Signals {
    /// Registers for both signals. Without a registration, either signal ends the process immediately.
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: platform::terminate()?,
            interrupt: platform::interrupt()?,
        })
    }

    /// Waits for the first of the two signals.
    pub(crate) async fn recv(&mut self) -> ShutdownSignal {
        let terminate = std::pin::pin!(self.terminate.recv());
        let interrupt = std::pin::pin!(self.interrupt.recv());
        match select(terminate, interrupt).await {
            Either::Left(_) => ShutdownSignal::Terminate,
            Either::Right(_) => ShutdownSignal::Interrupt,
        }
    }
}

/// Counts SIGINTs.
pub(crate) struct Interrupts(Interrupt);

impl Interrupts {
    /// Registers for SIGINT.
    pub(crate) fn listen() -> io::Result<Self> {
        platform::interrupt().map(Self)
    }

    /// Exits the process at the second SIGINT, whatever the process is doing.
    pub(crate) async fn exit_on_second(mut self) {
        self.0.recv().await;
        self.0.recv().await;
        process::exit(INTERRUPTED);
    }
}

/// Starts the thread that exits the process in local mode: at the second SIGINT, and after SIGTERM if a write to standard
/// output or standard error is blocked because it is not read.
///
/// Any other thread can be blocked itself, by a handler or by such a write. This thread writes nothing.
#[cfg(feature = "local")]
pub(crate) fn start_exit_thread() -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    // Registered before this function returns.
    let context = runtime.enter();
    let interrupts = Interrupts::listen()?;
    let mut terminate = platform::terminate()?;
    drop(context);
    let exit_if_blocked = async move {
        terminate.recv().await;
        crate::local::output::blocked().await;
        process::exit(TERMINATED);
    };
    std::thread::Builder::new()
        .name("lambda-signals".to_owned())
        .spawn(move || runtime.block_on(futures::future::join(interrupts.exit_on_second(), exit_if_blocked)))?;
    Ok(())
}

#[cfg(unix)]
mod platform {
    use std::io;

    use tokio::signal::unix::{Signal, SignalKind, signal};

    pub(super) type Terminate = Signal;
    pub(super) type Interrupt = Signal;

    pub(super) fn terminate() -> io::Result<Terminate> {
        signal(SignalKind::terminate())
    }

    pub(super) fn interrupt() -> io::Result<Interrupt> {
        signal(SignalKind::interrupt())
    }
}

#[cfg(windows)]
mod platform {
    use std::io;

    use tokio::signal::windows::{CtrlBreak, CtrlC, ctrl_break, ctrl_c};

    pub(super) type Terminate = CtrlBreak;
    pub(super) type Interrupt = CtrlC;

    /// Registers for Ctrl-Break, since Windows has no SIGTERM.
    pub(super) fn terminate() -> io::Result<Terminate> {
        ctrl_break()
    }

    pub(super) fn interrupt() -> io::Result<Interrupt> {
        ctrl_c()
    }
}
