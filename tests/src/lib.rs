//! The handler that several functions under test share.

pub mod scripted;
