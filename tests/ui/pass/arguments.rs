#![deny(warnings)]
#![allow(unused_imports)]

use std::{error::Error as StdError, process::ExitCode};

async fn setup<T: Default>() -> Result<T, Box<dyn StdError>> {
    Ok(T::default())
}

// no_arguments
const _: () = {
    #[lambda_stream::main()]
    async fn handler() {}

    const _: fn() -> ExitCode = main;
};

// current_thread
const _: () = {
    #[lambda_stream::main(flavor = "current_thread")]
    async fn handler() {}

    const _: fn() -> ExitCode = main;
};

// multi_thread
const _: () = {
    #[lambda_stream::main(flavor = "multi_thread")]
    async fn handler() {}

    const _: fn() -> ExitCode = main;
};

// worker_threads
const _: () = {
    #[lambda_stream::main(worker_threads = 4, flavor = "multi_thread")]
    async fn handler() {}

    const _: fn() -> ExitCode = main;
};

// logging
const _: () = {
    #[lambda_stream::main(logging = false)]
    async fn handler() {}

    const _: fn() -> ExitCode = main;
};

// logging_enabled
const _: () = {
    #[lambda_stream::main(logging = true, init = setup::<u8>)]
    async fn handler(_: &u8) {}

    const _: fn() -> ExitCode = main;
};

// init_with_turbofish
const _: () = {
    #[lambda_stream::main(init = setup::<(u8, String)>, flavor = "current_thread")]
    async fn handler(state: &(u8, String)) {
        let _ = state;
    }

    const _: fn() -> ExitCode = main;
};

// state_by_its_target
const _: () = {
    #[lambda_stream::main(init = setup::<Vec<u8>>)]
    async fn handler(state: &[u8]) {
        let _ = state;
    }

    const _: fn() -> ExitCode = main;
};

// deadline_margin_in_milliseconds
const _: () = {
    #[lambda_stream::main(deadline_margin = "500ms", init = setup::<u8>)]
    async fn handler(state: &u8) {
        let _ = state;
    }

    const _: fn() -> ExitCode = main;
};

// deadline_margin_in_seconds
const _: () = {
    #[lambda_stream::main(deadline_margin = "2s")]
    async fn handler() {}

    const _: fn() -> ExitCode = main;
};

// deadline_margin_off
const _: () = {
    #[lambda_stream::main(flavor = "multi_thread", deadline_margin = "off")]
    async fn handler() {}

    const _: fn() -> ExitCode = main;
};

// init_with_string_error
const _: () = {
    async fn setup_with_string_error() -> Result<u8, String> {
        Ok(1)
    }

    #[lambda_stream::main(init = setup_with_string_error)]
    async fn handler(state: &u8) {
        let _ = state;
    }

    const _: fn() -> ExitCode = main;
};

fn main() {}
