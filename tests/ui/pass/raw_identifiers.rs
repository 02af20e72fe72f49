#![deny(warnings)]

const _: () = {
    async fn r#static() -> Result<u8, String> {
        Ok(1)
    }

    #[lambda_stream::main(init = r#static)]
    async fn r#async(r#type: String, r#struct: &u8) {
        drop((r#type, r#struct));
    }

    const _: fn() -> ::std::process::ExitCode = main;
};

fn main() {}
