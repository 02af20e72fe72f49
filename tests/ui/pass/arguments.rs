#![deny(warnings)]
#![allow(unused_imports)]

use std::{error::Error as StdError, process::ExitCode};

async fn setup<T: Default>() -> Result<T, Box<dyn StdError>> {
    Ok(T::default())
}

mod no_arguments {
    use super::*;

    #[lambda_stream::main()]
    async fn handler() {}

    const _: fn() -> ExitCode = main;
}

mod current_thread {
    use super::*;

    #[lambda_stream::main(flavor = "current_thread")]
    async fn handler() {}

    const _: fn() -> ExitCode = main;
}

mod multi_thread {
    use super::*;

    #[lambda_stream::main(flavor = "multi_thread")]
    async fn handler() {}

    const _: fn() -> ExitCode = main;
}

mod worker_threads {
    use super::*;

    #[lambda_stream::main(worker_threads = 4, flavor = "multi_thread")]
    async fn handler() {}

    const _: fn() -> ExitCode = main;
}

mod logging {
    use super::*;

    #[lambda_stream::main(logging = false)]
    async fn handler() {}

    const _: fn() -> ExitCode = main;
}

mod logging_enabled {
    use super::*;

    #[lambda_stream::main(logging = true, init = setup::<u8>)]
    async fn handler(_: &u8) {}

    const _: fn() -> ExitCode = main;
}

mod init_with_turbofish {
    use super::*;

    #[lambda_stream::main(init = super::setup::<(u8, String)>, flavor = "current_thread")]
    async fn handler(state: &(u8, String)) {
        let _ = state;
    }

    const _: fn() -> ExitCode = main;
}

mod init_with_inferred_type {
    use super::*;

    #[lambda_stream::main(init = setup)]
    async fn handler(state: &Vec<u8>) {
        let _ = state;
    }

    const _: fn() -> ExitCode = main;
}

mod deadline_margin_in_milliseconds {
    use super::*;

    #[lambda_stream::main(deadline_margin = "500ms", init = setup)]
    async fn handler(state: &u8) {
        let _ = state;
    }

    const _: fn() -> ExitCode = main;
}

mod deadline_margin_in_seconds {
    use super::*;

    #[lambda_stream::main(deadline_margin = "2s")]
    async fn handler() {}

    const _: fn() -> ExitCode = main;
}

mod deadline_margin_off {
    use super::*;

    #[lambda_stream::main(flavor = "multi_thread", deadline_margin = "off")]
    async fn handler() {}

    const _: fn() -> ExitCode = main;
}

mod init_with_string_error {
    use super::*;

    async fn setup_with_string_error() -> Result<u8, String> {
        Ok(1)
    }

    #[lambda_stream::main(init = setup_with_string_error)]
    async fn handler(state: &u8) {
        let _ = state;
    }

    const _: fn() -> ExitCode = main;
}

fn main() {}
