//! What the tests of this workspace stand on: a **stand-in Lambda Runtime API** on raw sockets, and a driver for
//! the processes that talk to it.
//!
//! No HTTP library takes part on this side, so that a test sees what really came over the wire: each byte, each
//! read with its time, each chunk and trailer. Whatever breaks HTTP/1.1 or the Runtime API's rules is a *fault*, and
//! a fault fails the test, whether the test looked for it or not.
//!
//! ```no_run
//! use lambda_stream_tests::{Ending, Event, Function, StandIn, example};
//!
//! let lambda = StandIn::start();
//! let _function = Function::spawn(example("hello"), &lambda);
//! let answer = lambda.invoke(Event::json(r#"{"text":"hi"}"#));
//! assert_eq!(answer.text(), "hi");
//! assert_eq!(answer.ending(), Ending::Clean);
//! lambda.wait_for_next();
//! assert_eq!(lambda.calls(), ["next", "response", "next"]);
//! ```
//!
//! | module | is |
//! |---|---|
//! | `stand_in` | what a test holds: the stand-in itself, and events under way |
//! | `event`, `http_event` | what the runtime is given, and how its answer is received |
//! | `answer` | what was seen of one answer |
//! | `function`, `examples` | processes under test |
//! | `server` | connections: reads requests, answers as scripted |
//! | `ledger` | all that was queued and seen, behind one lock |
//! | `call`, `reply`, `broken` | the paths of the Runtime API; HTTP answers as bytes, and what is none |
//! | `wire` | one HTTP/1.1 request, taken apart as it comes |
//! | `under_test` | how most tests begin |
//! | `watched`, `shown`, `percent` | values that threads wait on, bytes for people, percent-decoding |

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "this is how a test fails"
)]

mod answer;
mod broken;
mod call;
mod event;
mod examples;
mod function;
mod http_event;
mod ledger;
mod percent;
mod reply;
mod server;
mod shown;
mod stand_in;
mod under_test;
mod watched;
mod wire;

pub use answer::{Answer, Chunk, FunctionError, Kind, Read};
pub use broken::Broken;
pub use event::Event;
pub use examples::example;
pub use function::Function;
pub use http_event::HttpEvent;
pub use ledger::Request;
pub use stand_in::{Pending, StandIn};
pub use under_test::{script, start};
pub use wire::{Ending, Fields};

/// How long anything may take before a test fails for it: generous, since it is only ever waited out in full by a
/// test that fails anyway.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(20);
