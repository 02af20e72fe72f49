//! The X-Ray header, which names the parent of an invocation's span.
//!
//! Format: `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1`, with further fields in any order.

use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};

/// Returns the parent that a header names, or `None` if it names none or is malformed.
///
/// `Sampled=0` says that the trace is not recorded. Without a decision, the trace is recorded.
pub(super) fn parent(header: &str) -> Option<SpanContext> {
    let mut trace_id = None;
    let mut span_id = None;
    let mut flags = TraceFlags::SAMPLED;
    for field in header.split(';') {
        let (name, value) = field.split_once('=')?;
        match name.trim() {
            "Root" => trace_id = Some(parse_root(value.trim())?),
            "Parent" => {
                span_id = Some(SpanId::from_bytes(
                    parse_hex::<16>(value.trim())?.to_be_bytes()[8..].try_into().ok()?,
                ))
            }
            "Sampled" if value.trim() == "0" => flags = TraceFlags::NOT_SAMPLED,
            _ => {}
        }
    }
    let parent = SpanContext::new(trace_id?, span_id?, flags, true, TraceState::NONE);
    parent.is_valid().then_some(parent)
}

/// Parses `1-{8 digits}-{24 digits}`.
fn parse_root(root: &str) -> Option<TraceId> {
    let (time, unique) = root.strip_prefix("1-")?.split_once('-')?;
    let (time, unique) = (parse_hex::<8>(time)?, parse_hex::<24>(unique)?);
    Some(TraceId::from_bytes((time << 96 | unique).to_be_bytes()))
}

/// Parses a hexadecimal number of exactly `DIGITS` digits.
fn parse_hex<const DIGITS: usize>(digits: &str) -> Option<u128> {
    let is_hex = digits.len() == DIGITS && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    is_hex.then(|| u128::from_str_radix(digits, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_of_lambda_names_the_parent() {
        let root = "Root=1-5759e988-bd862e3fe1be46a994272793";
        for (rest, is_sampled) in [
            (";Parent=53995c3f42cd8ad8;Sampled=1", true),
            (";Parent=53995c3f42cd8ad8;Sampled=0", false),
            (";Parent=53995c3f42cd8ad8;Sampled=?", true),
            (";Parent=53995c3f42cd8ad8", true),
            ("; Parent=53995C3F42CD8AD8; Sampled=0", false),
            (";Parent=53995c3f42cd8ad8;Sampled=1;Lineage=1:a87bd80c:0", true),
            (
                ";Self=1-67891234-12456789abcdef012345678;Parent=53995c3f42cd8ad8;Sampled=1",
                true,
            ),
        ] {
            let parent = parent(&format!("{root}{rest}")).unwrap();
            assert_eq!(parent.trace_id().to_string(), "5759e988bd862e3fe1be46a994272793");
            assert_eq!(parent.span_id().to_string(), "53995c3f42cd8ad8");
            assert_eq!(parent.is_sampled(), is_sampled, "{rest}");
            assert!(parent.is_remote());
        }
    }

    #[test]
    fn malformed_header_names_no_parent() {
        for header in [
            "",
            ";",
            "Root",
            "Root=1-5759e988-bd862e3fe1be46a994272793",
            "Parent=53995c3f42cd8ad8;Sampled=1",
            "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=;Sampled=1",
            "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=0000000000000000",
            "Root=1-00000000-000000000000000000000000;Parent=53995c3f42cd8ad8",
            "Root=2-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8",
            "Root=1-5759e988bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8",
            "Root=1-+759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8",
            "Root=1-5759e988-bd862e3fe1be46a99427279;Parent=53995c3f42cd8ad8",
            "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=ünïcödé8",
        ] {
            assert_eq!(parent(header), None, "{header}");
        }
    }
}
