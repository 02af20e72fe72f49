//! What the contestants of the benchmark share: the event, which says what the answer is to be, and one handler a form.
//!
//! | folder | holds |
//! |---|---|
//! | `src/` | `shape`: what an event asks for; `ours`, `peer`: handlers |
//! | `functions/` | the contestants, one program each |
//! | `benches/compare/` | the stand-in Runtime API, the turns, and the report |

pub mod ours;
pub mod peer;
mod shape;

pub use shape::{Given, PIECE_LIMIT, Pause, Shape, TOKEN, nanoseconds_since_1970};
