//! Names that Lambda gives and that here nobody else does: request id, trace id, the function's own name.

use std::borrow::Borrow;
use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::{SystemTime, UNIX_EPOCH};

/// The id of one invocation, in the form of a version 4 UUID.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct RequestId(String);

impl RequestId {
    /// An id that no other invocation has.
    pub(super) fn unique() -> Self {
        let (high, low) = (random(), random());
        // RFC 9562, section 5.4: four bits of version, two of variant.
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

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for RequestId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A new X-Ray trace header, of a request that is not sampled.
pub(super) fn trace_id() -> String {
    format!(
        "Root=1-{:08x}-{:08x}{:016x};Parent={:016x};Sampled=0",
        milliseconds(SystemTime::now()) / 1000,
        random() as u32,
        random(),
        random()
    )
}

/// 128 bits that nobody can guess, as text.
pub(super) fn secret() -> String {
    // A keyed hash of two different inputs: its key has 128 bits from the system, and never leaves this function.
    let key = RandomState::new();
    format!("{:016x}{:016x}", key.hash_one(0), key.hash_one(1))
}

/// Unix time in milliseconds.
pub(super) fn milliseconds(time: SystemTime) -> u64 {
    let since_epoch = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX)
}

/// The name of the running executable.
pub(super) fn program_name() -> String {
    let path = std::env::current_exe().unwrap_or_default();
    match path.file_stem() {
        Some(name) => name.to_string_lossy().into_owned(),
        None => "local".to_owned(),
    }
}

/// The function's ARN: the account of nobody, and the executable's name in the characters that Lambda allows.
pub(super) fn function_arn() -> String {
    let allowed = |character: char| match character {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' => character,
        _ => '-',
    };
    let name: String = program_name().chars().map(allowed).collect();
    format!("arn:aws:lambda:us-east-1:000000000000:function:{name}")
}

/// Bits that differ from call to call and from process to process; not for secrets.
fn random() -> u64 {
    // Each `RandomState` has keys of its own, seeded by the system.
    RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_ids_look_like_uuids_and_differ() {
        let ids: std::collections::HashSet<RequestId> = (0..1000).map(|_| RequestId::unique()).collect();
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
    fn trace_ids_have_the_form_of_x_ray() {
        let trace = trace_id();
        let root = trace.split(';').next().unwrap();
        let lengths: Vec<usize> = root.split('-').map(str::len).collect();
        assert_eq!(lengths, [6, 8, 24], "{trace}");
    }
}
