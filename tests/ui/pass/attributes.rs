#![deny(warnings, missing_docs, unused_must_use)]
#![forbid(unsafe_code)]
//! The generated code keeps the attributes, the documentation and the visibility of the function.

const _: () = {
    use lambda_stream::{Error, ResponseStream};

    /// The handler. `cfg_attr` adds the attribute `inline`.
    #[lambda_stream::main]
    #[doc(alias = "hello")]
    #[allow(unused_variables, clippy::unused_async)]
    #[cfg_attr(all(), inline)]
    #[must_use]
    pub async fn handler(
        #[allow(unused_mut)] mut event: String,
        #[expect(unused)] stream: ResponseStream,
    ) -> Result<(), Error> {
        let unused = 1;
        Ok(())
    }

    const _: fn() -> ::std::process::ExitCode = main;
};

fn main() {}
