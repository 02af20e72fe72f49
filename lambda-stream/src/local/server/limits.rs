//! The limits of the local servers: sizes, counts and timeouts.

use std::time::Duration;

/// The bytes of request bodies and events that may be in memory at a time. Lambda starts another execution environment
/// if one is busy; here events wait in a queue, and the event of a client that has disconnected stays in the queue.
pub(crate) const MEMORY_BUDGET_BYTES: usize = 128 * 1024 * 1024;

/// What a request reserves of the memory budget in addition to its body: about the memory of a queued invocation. It bounds
/// the number of events that wait without a connection.
pub(crate) const REQUEST_OVERHEAD_BYTES: usize = 2 * 1024;

/// The size of hyper's buffers, in bytes: the largest single read, the most that hyper collects before it writes, and
/// the limit for a request head. The buffers are small, so that a slow client soon slows the function down, as on
/// Lambda.
pub(crate) const MAX_BUFFER_BYTES: usize = 64 * 1024;

/// The number of connections that may be open at a time: half of the file descriptors that a process may have on most
/// systems. The other half is for the function.
pub(crate) const MAX_CONNECTIONS: usize = 512;

/// The number of connections to evict if the process runs out of file descriptors. More than one, since the function
/// needs file descriptors too.
pub(crate) const MAX_EVICTIONS: usize = 8;

/// The time to receive a request head, the time to receive a request body, and the time that a connection may be idle
/// between two requests.
pub(crate) const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// The time to keep reading from a client after an early response. If the server closed the connection with unread
/// bytes, the client would see a connection reset instead of the response.
pub(crate) const LINGER_TIMEOUT: Duration = Duration::from_secs(5);

/// The pause after a failed `accept`.
pub(crate) const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(20);
