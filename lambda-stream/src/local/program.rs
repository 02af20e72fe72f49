//! The program file of the function, and the detection of a new build.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The program file.
#[derive(Debug)]
pub(crate) struct Program {
    path: PathBuf,
    fingerprint: Option<Fingerprint>,
    build: u32,
}

/// What differs between two builds.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Fingerprint {
    modified: Option<SystemTime>,
    length: u64,
    /// The linker replaces the file.
    inode: u64,
}

impl Program {
    /// Returns the program at this path, whose current file is build 1.
    pub(crate) fn new(path: PathBuf) -> Self {
        Self {
            fingerprint: Fingerprint::of(&path),
            path,
            build: 1,
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the number of the build that [`refresh`](Self::refresh) has seen last.
    pub(crate) fn build(&self) -> u32 {
        self.build
    }

    /// Compares the file with the last build. Returns the number of the new build if it has changed.
    ///
    /// While the file does not exist, a new build is being written.
    pub(crate) fn refresh(&mut self) -> Option<u32> {
        let fingerprint = Fingerprint::of(&self.path)?;
        if self.fingerprint.as_ref() == Some(&fingerprint) {
            return None;
        }
        self.fingerprint = Some(fingerprint);
        self.build += 1;
        Some(self.build)
    }
}

impl Fingerprint {
    fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        Some(Self {
            modified: metadata.modified().ok(),
            length: metadata.len(),
            inode: inode(&metadata),
        })
    }
}

#[cfg(unix)]
fn inode(metadata: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn inode(_: &fs::Metadata) -> u64 {
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changed_file_is_new_build() {
        let path = std::env::temp_dir().join(format!("lambda-stream-program-{}", std::process::id()));
        fs::write(&path, "1").unwrap();
        let mut program = Program::new(path.clone());
        assert_eq!(program.refresh(), None);
        fs::write(&path, "12").unwrap();
        assert_eq!(program.refresh(), Some(2));
        assert_eq!(program.refresh(), None);
        fs::remove_file(&path).unwrap();
        assert_eq!(program.refresh(), None);
        fs::write(&path, "123").unwrap();
        assert_eq!(program.refresh(), Some(3));
        assert_eq!(program.build(), 3);
        fs::remove_file(&path).unwrap();
    }
}
