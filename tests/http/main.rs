//! HTTP handlers and services: requests from each event source, responses, and parity with `axum::serve`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a failing test panics, and prints what it compared"
)]

mod alb;
mod any_response;
mod bodies;
mod empty_bodies;
mod event_sources;
mod extensions;
mod gate;
mod observed;
mod parity;
mod payload;
mod preludes;
mod requests;
mod servers;
mod service;
mod service_settings;
mod similar_events;
mod streaming;
