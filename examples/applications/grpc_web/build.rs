//! Generates the messages and the server of `proto/orders.proto`. `protox` compiles it, so `protoc` need not be
//! installed.

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

use protox::prost::Message as _;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=proto");
    let files = protox::compile(["orders.proto"], ["proto"])?;
    // The tests give this description of the messages to a JavaScript client.
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    fs::write(out.join("orders.bin"), files.encode_to_vec())?;
    tonic_prost_build::configure().build_client(false).compile_fds(files)?;
    Ok(())
}
