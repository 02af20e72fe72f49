//! What the front ends have in common.

use std::sync::Arc;

use super::broker::Broker;
use super::server::rejection_log::RejectionLog;
use super::server::request_body::MemoryBudget;
use super::settings::Settings;

/// What all requests share.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) broker: Arc<Broker>,
    pub(crate) settings: Arc<Settings>,
    pub(crate) budget: MemoryBudget,
    /// Logs requests that the front ends reject.
    pub(crate) rejections: Arc<RejectionLog>,
}
