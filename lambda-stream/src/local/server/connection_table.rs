//! The open connections of a server, and the eviction of connections whose clients have sent no complete request.

use std::collections::VecDeque;
use std::sync::Arc;

use super::connection::ConnectionState;
use super::limits::MAX_CONNECTIONS;

/// The connections of a server, oldest first. Closed connections are removed only when space is needed.
#[derive(Default)]
pub(crate) struct ConnectionTable(VecDeque<Arc<ConnectionState>>);

impl ConnectionTable {
    /// Adds a new connection.
    pub(crate) fn add(&mut self) -> Arc<ConnectionState> {
        let connection = Arc::<ConnectionState>::default();
        self.0.push_back(Arc::clone(&connection));
        connection
    }

    /// Returns whether [`MAX_CONNECTIONS`] are open.
    pub(crate) fn is_full(&mut self) -> bool {
        if self.0.len() >= MAX_CONNECTIONS {
            self.remove_closed();
        }
        self.0.len() >= MAX_CONNECTIONS
    }

    /// Evicts up to `max` connections that wait for their client or have lost it, oldest first. Returns whether it evicted any.
    pub(crate) fn evict(&mut self, max: usize) -> bool {
        self.remove_closed();
        let mut evicted = 0;
        self.0.retain(|connection| {
            let evict = evicted < max && connection.is_evictable();
            if evict {
                connection.request_eviction();
                evicted += 1;
            }
            !evict
        });
        evicted > 0
    }

    fn remove_closed(&mut self) {
        // An open connection holds a second reference.
        self.0.retain(|connection| Arc::strong_count(connection) > 1);
    }
}
