//! The part that the implementations under comparison share: the event, which specifies the response, and one handler for
//! each API.
//!
//! | folder | contents |
//! |---|---|
//! | `src/` | `response_spec`: the event; `lambda_stream_handlers`, `lambda_runtime_handler`: the handlers |
//! | `src/bin/` | the implementations under comparison, one program each |
//! | `benches/compare/` | the measurements and the report |

pub mod lambda_runtime_handler;
pub mod lambda_stream_handlers;
mod response_spec;

pub use response_spec::{CHUNK_LIMIT, Pause, ResponseSpec, Source, TOKEN_SIZE, nanoseconds_since_1970};
