//! The signals that ask a process to end: SIGTERM, from Lambda and from containers, and SIGINT, from Ctrl-C.
//!
//! To listen once costs some system calls, to go on listening none. It decides nothing but what a second SIGINT does.

use std::io;
use std::process;

use futures::future::{Either, select};

use self::platform::{Interrupt, Terminate};

/// The exit status of a process that SIGINT ended, by the custom of shells: 128 and the signal's number.
const INTERRUPTED: i32 = 130;

/// Hears the signals from when it is made.
pub(crate) struct Signals {
    terminate: Terminate,
    interrupt: Interrupt,
}

/// What asked the process to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    Terminate,
    Interrupt,
}

impl Signals {
    /// Until then, a signal ends the process at once.
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: platform::terminate()?,
            interrupt: platform::interrupt()?,
        })
    }

    /// Waits for the first of them.
    pub(crate) async fn asked(&mut self) -> Asked {
        let terminate = std::pin::pin!(self.terminate.recv());
        let interrupt = std::pin::pin!(self.interrupt.recv());
        match select(terminate, interrupt).await {
            Either::Left(_) => Asked::Terminate,
            Either::Right(_) => Asked::Interrupt,
        }
    }
}

/// Hears every SIGINT from when it is made.
pub(crate) struct Interrupts(Interrupt);

impl Interrupts {
    pub(crate) fn listen() -> io::Result<Self> {
        platform::interrupt().map(Self)
    }

    /// Ends the process, whatever it does, at the second SIGINT.
    pub(crate) async fn end_at_second(mut self) {
        self.0.recv().await;
        self.0.recv().await;
        process::exit(INTERRUPTED);
    }
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

    /// There is no SIGTERM; this is the other way to ask a console program to end.
    pub(super) fn terminate() -> io::Result<Terminate> {
        ctrl_break()
    }

    pub(super) fn interrupt() -> io::Result<Interrupt> {
        ctrl_c()
    }
}
