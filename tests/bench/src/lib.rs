//! The part that the implementations under comparison share: the event, which specifies the response, and the handlers
//! for each API.
//!
//! | folder | contents |
//! |---|---|
//! | `src/` | `response_spec`, `large_event`: the events; `lambda_stream_handlers`, `lambda_runtime_handlers`, `router`: the handlers |
//! | `src/bin/` | the implementations under comparison |
//! | `benches/compare/` | the measurements and the report |
//! | `charts` | draws the tables of `docs/performance.md` |

pub mod lambda_runtime_handlers;
pub mod lambda_stream_handlers;
mod large_event;
mod response_spec;
mod router;

pub use large_event::LargeEvent;
pub use response_spec::{
    Format, LARGE_CHUNK, MIXED_LIMIT, Pause, Record, ResponseSpec, Source, TOKEN_SIZE, nanoseconds_since_1970,
};
pub use router::router;
