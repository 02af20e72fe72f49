//! Compresses the files of the viewer, which the feature `local` embeds in the binary.
#![allow(clippy::print_stdout, reason = "Cargo reads the standard output of build scripts")]

fn main() {
    #[cfg(feature = "local")]
    viewer::compress();
}

#[cfg(feature = "local")]
mod viewer {
    use std::io::Write;
    use std::path::Path;
    use std::{env, fs};

    use flate2::Compression;
    use flate2::write::GzEncoder;

    const ASSETS: &str = "src/local/viewer/assets";

    /// Writes each asset to `OUT_DIR/viewer/NAME.gz`.
    pub(super) fn compress() {
        println!("cargo::rerun-if-changed={ASSETS}");
        if let Err(error) = try_compress() {
            println!("cargo::error=failed to compress the files in {ASSETS}: {error}");
        }
    }

    fn try_compress() -> Result<(), Box<dyn std::error::Error>> {
        let output = Path::new(&env::var("OUT_DIR")?).join("viewer");
        fs::create_dir_all(&output)?;
        for entry in fs::read_dir(ASSETS)? {
            let entry = entry?;
            println!("cargo::rerun-if-changed={}", entry.path().display());
            let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
            encoder.write_all(&fs::read(entry.path())?)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            fs::write(output.join(name + ".gz"), encoder.finish()?)?;
        }
        Ok(())
    }
}
