//! [`Levels`]: the filter of the log.

use tracing::level_filters::LevelFilter;
use tracing::subscriber::Interest;
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, Filter, Layer};
use tracing_subscriber::registry::Registry;

use super::record::{LIBRARY_TARGET, is_invocation_span};

/// Enables events and spans by level and target, and always the span of an invocation, which has the request id.
///
/// As a [`Layer`] it applies to the whole subscriber, as a [`Filter`] to one layer.
#[derive(Debug, Clone)]
pub(super) struct Levels(Targets);

impl Levels {
    /// If `targets` has no level for this library, its errors are enabled.
    pub(super) fn new(targets: Targets) -> Self {
        let has_library_level =
            targets.default_level().is_some() || targets.iter().any(|(target, _)| LIBRARY_TARGET.starts_with(target));
        Self(match has_library_level {
            true => targets,
            false => targets.with_target(LIBRARY_TARGET, LevelFilter::ERROR),
        })
    }

    pub(super) fn is_enabled_for(&self, target: &str, level: &Level) -> bool {
        self.0.would_enable(target, level)
    }

    fn is_enabled(&self, metadata: &Metadata<'_>) -> bool {
        is_invocation_span(metadata) || self.is_enabled_for(metadata.target(), metadata.level())
    }

    fn interest(&self, metadata: &Metadata<'_>) -> Interest {
        match self.is_enabled(metadata) {
            true => Interest::always(),
            false => Interest::never(),
        }
    }

    /// The span of an invocation has the level ERROR.
    fn max_level(&self) -> Option<LevelFilter> {
        let level = Layer::<Registry>::max_level_hint(&self.0)?;
        Some(level.max(LevelFilter::ERROR))
    }
}

impl<S: Subscriber> Layer<S> for Levels {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        self.interest(metadata)
    }

    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        self.is_enabled(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        self.max_level()
    }
}

impl<S> Filter<S> for Levels {
    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        self.interest(metadata)
    }

    fn enabled(&self, metadata: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        self.is_enabled(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        self.max_level()
    }
}
