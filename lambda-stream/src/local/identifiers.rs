//! Values that Lambda assigns on AWS: request ids, trace headers and the function ARN; and the path of this program.

use std::borrow::Borrow;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::path::PathBuf;
use std::time::SystemTime;

pub(crate) use crate::event::encode::unix_millis;

/// The maximum length of a request id, in bytes. Lambda's have 36.
const MAX_ID_LENGTH: usize = 64;

/// The id of an invocation, in the format of a version 4 UUID.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct RequestId(String);

impl RequestId {
    /// Returns a new random id.
    pub(crate) fn random() -> Self {
        let (high, low) = (random_bits(), random_bits());
        // RFC 9562, section 5.4: four bits for the version, two for the variant.
        let (high, low) = (high & !0xf000 | 0x4000, low & !(0b11 << 62) | (0b10 << 62));
        Self(format!(
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            high >> 32,
            high >> 16 & 0xffff,
            high & 0xffff,
            low >> 48,
            low & 0xffff_ffff_ffff
        ))
    }

    /// Returns the id with this text: letters, digits and `-`, as in a recording. `None`: the text is invalid.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let is_valid = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let has_valid_length = (1..=MAX_ID_LENGTH).contains(&text.len());
        (has_valid_length && text.bytes().all(is_valid)).then(|| Self(text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for RequestId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// Returns a new X-Ray trace header for a request that is not sampled.
pub(crate) fn trace_header() -> String {
    format!(
        "Root=1-{:08x}-{:08x}{:016x};Parent={:016x};Sampled=0",
        unix_millis(SystemTime::now()) / 1000,
        random_bits() as u32,
        random_bits(),
        random_bits()
    )
}

/// Returns 128 unguessable bits in hexadecimal.
pub(crate) fn random_secret() -> String {
    // A keyed hash of two inputs. The key has 128 random bits from the system and does not leave this function.
    let key = RandomState::new();
    format!("{:016x}{:016x}", key.hash_one(0), key.hash_one(1))
}

/// Returns the path of the program that this process runs.
///
/// # Errors
/// The operating system does not tell the path.
pub(crate) fn program_path() -> io::Result<PathBuf> {
    std::env::current_exe().map(without_deleted_suffix)
}

/// Removes the suffix that Linux appends to the path of a program file that was replaced after the process had started
/// (proc(5), `/proc/pid/exe`). A build that ends just then replaces it.
fn without_deleted_suffix(path: PathBuf) -> PathBuf {
    match path.to_str().and_then(|text| text.strip_suffix(" (deleted)")) {
        Some(text) if !path.exists() => text.into(),
        _ => path,
    }
}

/// Returns the file name of the running executable, without its extension.
pub(crate) fn program_name() -> String {
    let path = program_path().unwrap_or_default();
    match path.file_stem() {
        Some(name) => name.to_string_lossy().into_owned(),
        None => "local".to_owned(),
    }
}

/// Returns the program name, with each character that Lambda does not allow in the name of a function replaced by `-`.
pub(crate) fn function_name() -> String {
    let replace = |character: char| match character {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' => character,
        _ => '-',
    };
    program_name().chars().map(replace).collect()
}

/// Returns bits that differ between calls and between processes. Not suitable for secrets.
fn random_bits() -> u64 {
    // The system seeds the keys, and each `RandomState` has different keys.
    RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn request_ids_are_unique_uuids() {
        let ids: std::collections::HashSet<RequestId> = (0..1000).map(|_| RequestId::random()).collect();
        assert_eq!(ids.len(), 1000);
        for id in ids {
            let id = id.as_str();
            let lengths: Vec<usize> = id.split('-').map(str::len).collect();
            assert_eq!(lengths, [8, 4, 4, 4, 12], "{id}");
            assert_eq!(&id[14..15], "4", "{id}");
            assert!("89ab".contains(&id[19..20]), "{id}");
        }
    }

    #[test]
    fn path_of_replaced_program_has_no_suffix() {
        assert_eq!(
            without_deleted_suffix("/missing/a (deleted)".into()),
            Path::new("/missing/a")
        );
        assert_eq!(without_deleted_suffix("/missing/a".into()), Path::new("/missing/a"));
        let existing = std::env::temp_dir().join(format!("lambda-stream-{} (deleted)", std::process::id()));
        fs::write(&existing, "").unwrap();
        assert_eq!(without_deleted_suffix(existing.clone()), existing);
        fs::remove_file(&existing).unwrap();
    }

    #[test]
    fn trace_header_has_x_ray_format() {
        let trace = trace_header();
        let root = trace.split(';').next().unwrap();
        let lengths: Vec<usize> = root.split('-').map(str::len).collect();
        assert_eq!(lengths, [6, 8, 24], "{trace}");
    }
}
