//! What the front ends have in common.

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::broker::Broker;
use super::server::rejection_log::RejectionLog;
use super::server::request_body::MemoryBudget;
use super::settings::Settings;

/// The number of event streams of viewers that may be open at a time.
pub(crate) const MAX_VIEWERS: usize = 16;

/// The number of invocations of the viewer that may run or wait at a time.
pub(crate) const MAX_VIEWER_INVOCATIONS: usize = 200;

/// What all requests share.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) broker: Arc<Broker>,
    pub(crate) settings: Arc<Settings>,
    pub(crate) budget: MemoryBudget,
    /// Logs requests that the front ends reject.
    pub(crate) rejections: Arc<RejectionLog>,
    /// [`MAX_VIEWERS`] permits.
    pub(crate) viewers: Arc<Semaphore>,
    /// [`MAX_VIEWER_INVOCATIONS`] permits.
    pub(crate) viewer_invocations: Arc<Semaphore>,
}

impl Shared {
    pub(crate) fn new(broker: Arc<Broker>, settings: Settings) -> Self {
        Self {
            broker,
            budget: MemoryBudget::new(settings.limits.max_event()),
            rejections: Arc::default(),
            settings: Arc::new(settings),
            viewers: Arc::new(Semaphore::new(MAX_VIEWERS)),
            viewer_invocations: Arc::new(Semaphore::new(MAX_VIEWER_INVOCATIONS)),
        }
    }
}
