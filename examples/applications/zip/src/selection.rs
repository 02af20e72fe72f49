//! Finds the files that a request selects: the path names a subdirectory, the query may name files in it.

use std::collections::BTreeSet;
use std::io::{self, ErrorKind};
use std::path::{Component, Path, PathBuf};

use http::Uri;
use percent_encoding::percent_decode_str;
use walkdir::{DirEntry, WalkDir};

/// The files that a request selects. All of them were in the directory when the request arrived.
pub(crate) struct Selection {
    /// The subdirectory, without symbolic links in its path.
    directory: PathBuf,
    /// The subdirectory as in the request: empty for the whole directory.
    path: PathBuf,
    /// Paths in the subdirectory. If it is empty, all files are selected.
    files: BTreeSet<PathBuf>,
}

/// Why a request gets no archive.
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) message: String,
}

/// A file or directory of the archive.
pub(crate) struct Entry {
    pub(crate) path: PathBuf,
    /// The name in the archive, separated by `/`.
    pub(crate) name: String,
    pub(crate) kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    File,
    Directory,
    /// A symbolic link, a socket or a device, which archives do not get.
    Other,
}

impl Selection {
    /// Finds the files that `uri` selects. All of them must exist.
    pub(crate) fn of(root: &Path, uri: &Uri) -> io::Result<Result<Self, Refusal>> {
        let refuse = |status, message| Ok(Err(Refusal { status, message }));
        let path = percent_decode_str(uri.path()).decode_utf8_lossy().into_owned();
        let path = path.trim_matches('/');
        let Some(directory) = find(root, root, path, Path::is_dir)? else {
            return refuse(404, format!("there is no directory {path:?}"));
        };
        let mut files = BTreeSet::new();
        for (key, file) in form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
            if key != "file" {
                return refuse(400, format!("there is no parameter {key:?}, only `file`"));
            }
            if find(root, &directory, &file, Path::is_file)?.is_none() {
                return refuse(404, format!("there is no file {file:?} in {path:?}"));
            }
            files.insert(PathBuf::from(file.into_owned()));
        }
        Ok(Ok(Self {
            directory,
            path: PathBuf::from(path),
            files,
        }))
    }

    /// Returns the file name for the archive.
    pub(crate) fn archive_name(&self) -> String {
        match self.path.file_name() {
            Some(name) => format!("{}.zip", name.to_string_lossy()),
            None => "files.zip".to_owned(),
        }
    }

    /// Returns the entries of the archive. Directories are read while the archive is made.
    pub(crate) fn entries(self) -> Box<dyn Iterator<Item = io::Result<Entry>>> {
        let directory = self.directory;
        if self.files.is_empty() {
            let walk = WalkDir::new(&directory).min_depth(1).sort_by_file_name();
            return Box::new(walk.into_iter().map(move |found| {
                let found = found?;
                let path = found.path().strip_prefix(&directory).map_err(io::Error::other)?;
                let (name, kind) = (name(path), Kind::of(&found));
                let path = found.into_path();
                Ok(Entry { path, name, kind })
            }));
        }
        let files = self.files.into_iter();
        Box::new(files.map(move |file| {
            Ok(Entry {
                path: directory.join(&file),
                name: name(&file),
                kind: Kind::File,
            })
        }))
    }
}

impl Kind {
    fn of(found: &DirEntry) -> Self {
        match found.file_type() {
            kind if kind.is_file() => Self::File,
            kind if kind.is_dir() => Self::Directory,
            _ => Self::Other,
        }
    }
}

/// Returns the path below `directory` without symbolic links. Returns `None` if there is no such file or directory, if
/// it has the wrong type, or if it is outside of `root`: because of `..`, or through a symbolic link.
fn find(root: &Path, directory: &Path, path: &str, has_type: fn(&Path) -> bool) -> io::Result<Option<PathBuf>> {
    use ErrorKind::{InvalidInput, NotADirectory, NotFound, PermissionDenied};
    let mut components = Path::new(path).components();
    if !components.all(|component| matches!(component, Component::Normal(_))) {
        return Ok(None);
    }
    match directory.join(path).canonicalize() {
        Ok(found) => Ok((found.starts_with(root) && has_type(&found)).then_some(found)),
        Err(error) if matches!(error.kind(), NotFound | NotADirectory | PermissionDenied | InvalidInput) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Returns the name of a path in an archive. A `\` in a file name would separate directories on Windows.
fn name(path: &Path) -> String {
    let parts = path.components().map(|part| part.as_os_str().to_string_lossy());
    parts.collect::<Vec<_>>().join("/").replace('\\', "_")
}
