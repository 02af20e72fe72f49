//! Files for tests in the directory for temporary files.

use std::path::PathBuf;

/// A file that is removed at the end.
pub(crate) struct TestFile(PathBuf);

impl TestFile {
    /// Returns a file that does not exist yet.
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("lambda-stream-{}-{name}", std::process::id()));
        let _ = std::fs::remove_file(&path);
        Self(path)
    }

    /// Creates the file.
    pub(crate) fn with(name: &str, content: &str) -> Self {
        let file = Self::new(name);
        file.write(content);
        file
    }

    pub(crate) fn write(&self, content: &str) {
        std::fs::write(&self.0, content).unwrap();
    }

    pub(crate) fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }

    pub(crate) fn text(&self) -> String {
        std::fs::read_to_string(&self.0).unwrap()
    }
}

impl Drop for TestFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}
