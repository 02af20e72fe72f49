//! Repeats reads that a signal interrupts. The kernel does not repeat those of a socket with a timeout, for example after the
//! process was stopped and continued (`man 7 signal`).

use std::io::{self, ErrorKind};

/// Runs `read` until it returns something else than [`ErrorKind::Interrupted`].
pub(crate) fn retry_interrupted<T>(mut read: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match read() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interrupted_read_is_repeated() {
        let mut results = [Err(ErrorKind::Interrupted), Err(ErrorKind::Interrupted), Ok(3), Ok(4)].into_iter();
        let read = || results.next().expect("a result").map_err(io::Error::from);
        assert_eq!(retry_interrupted(read).expect("a size"), 3);
    }

    #[test]
    fn other_error_is_returned() {
        let error = retry_interrupted(|| Err::<(), _>(ErrorKind::ConnectionReset.into())).expect_err("the error");
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    }
}
