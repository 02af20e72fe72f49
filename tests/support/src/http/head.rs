//! The parser of request and response heads (RFC 9112, sections 3 to 6). Trailer sections share its field grammar.

use super::escape;

/// The maximum size of a head or a trailer section, in bytes.
pub(crate) const SECTION_LIMIT: usize = 64 * 1024;

/// The number of bytes that an error message quotes.
pub(super) const QUOTE_LIMIT: usize = 80;

/// Header or trailer fields in the order received.
///
/// HTTP allows bytes outside ASCII in values; they become U+FFFD here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// Returns the value of the first field with this name. Names are compared without case.
    pub fn get(&self, name: &str) -> Option<&str> {
        let mut fields = self.iter();
        let (_, value) = fields.find(|(field, _)| field.eq_ignore_ascii_case(name))?;
        Some(value)
    }

    /// Returns the values of all fields with this name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.iter()
            .filter(move |(field, _)| field.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// Returns all fields. Names keep the case in which they were sent.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Returns all fields as owned pairs, for use in assertions.
    pub fn to_vec(&self) -> Vec<(String, String)> {
        self.0.clone()
    }

    /// Whether the comma-separated list in the fields with this name contains `member`.
    pub(crate) fn list_contains(&self, name: &str, member: &str) -> bool {
        self.all(name)
            .flat_map(|value| value.split(','))
            .any(|part| part.trim().eq_ignore_ascii_case(member))
    }

    /// Adds a field.
    pub fn push(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.push((name.into(), value.into()));
    }
}

/// Parses a field line, given without its line end.
pub(super) fn parse_field(line: &[u8]) -> Result<(String, String), String> {
    let quoted = || escape(line, QUOTE_LIMIT);
    let colon = line.iter().position(|byte| *byte == b':');
    let colon = colon.ok_or_else(|| format!("field line without a colon: \"{}\"", quoted()))?;
    let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
    if name.is_empty() || !name.iter().all(|byte| is_token(*byte)) {
        return Err(format!("field name is not a token: \"{}\"", quoted()));
    }
    let is_control = |byte: &u8| (*byte < b' ' && *byte != b'\t') || *byte == 0x7f;
    if value.iter().any(is_control) {
        return Err(format!("control character in a field value: \"{}\"", quoted()));
    }
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    Ok((text(name), text(value)))
}

/// How the end of a body is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// `Transfer-Encoding: chunked`.
    Chunked,
    /// `Content-Length`, or no body.
    ContentLength(usize),
    /// The body ends with the connection. Only responses have this framing.
    Connection,
}

impl Framing {
    /// RFC 9112, section 6.3, without the recovery that it allows. `default` applies without a framing field.
    fn of(headers: &Fields, default: Self) -> Result<Self, String> {
        let codings: Vec<_> = headers.all("transfer-encoding").collect();
        let lengths: Vec<_> = headers.all("content-length").collect();
        match (codings.as_slice(), lengths.as_slice()) {
            ([], []) => Ok(default),
            ([coding], []) if coding.eq_ignore_ascii_case("chunked") => Ok(Self::Chunked),
            ([], [length]) if length.bytes().all(|byte| byte.is_ascii_digit()) => length
                .parse()
                .map(Self::ContentLength)
                .map_err(|_| format!("invalid Content-Length: \"{length}\"")),
            _ => Err(format!(
                "ambiguous framing: Transfer-Encoding {codings:?}, Content-Length {lengths:?}"
            )),
        }
    }
}

/// A request line and its header fields.
#[derive(Clone, Debug)]
pub struct RequestHead {
    /// The method.
    pub method: String,
    /// The request target.
    pub path: String,
    /// The header fields.
    pub headers: Fields,
    pub(crate) framing: Framing,
}

impl RequestHead {
    /// Parses the head at the start of `input`. Returns the head and its size, or `None` if it is incomplete.
    ///
    /// The error describes the first violation, which may precede the end of the head.
    pub(crate) fn parse(input: &[u8]) -> Result<Option<(Self, usize)>, String> {
        let Some((line, mut size)) = take_line(input, SECTION_LIMIT)? else {
            return Ok(None);
        };
        let (method, path) = parse_request_line(line)?;
        let Some(headers) = parse_fields(input, &mut size)? else {
            return Ok(None);
        };
        if headers.all("host").count() != 1 {
            return Err("the head does not have exactly one Host field".to_owned());
        }
        let framing = Framing::of(&headers, Framing::ContentLength(0))?;
        let head = Self {
            method,
            path,
            headers,
            framing,
        };
        Ok(Some((head, size)))
    }
}

fn parse_request_line(line: &[u8]) -> Result<(String, String), String> {
    let error = || format!("invalid request line: \"{}\"", escape(line, QUOTE_LIMIT));
    let text = std::str::from_utf8(line).map_err(|_| error())?;
    let parts: Vec<&str> = text.split(' ').collect();
    let &[method, path, "HTTP/1.1"] = parts.as_slice() else {
        return Err(error());
    };
    if method.is_empty() || !method.bytes().all(is_token) {
        return Err(error());
    }
    if !path.starts_with('/') || !path.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(error());
    }
    Ok((method.to_owned(), path.to_owned()))
}

/// A status line and its header fields.
#[derive(Clone, Debug)]
pub struct ResponseHead {
    /// The status code.
    pub status: u16,
    /// The header fields.
    pub headers: Fields,
    /// The bytes of the head as text, without the empty line.
    pub text: String,
    pub(crate) framing: Framing,
}

impl ResponseHead {
    /// Parses the head at the start of `input`. Returns the head and its size, or `None` if it is incomplete.
    pub(crate) fn parse(input: &[u8]) -> Result<Option<(Self, usize)>, String> {
        let Some((line, mut size)) = take_line(input, SECTION_LIMIT)? else {
            return Ok(None);
        };
        let status = parse_status_line(line)?;
        let Some(headers) = parse_fields(input, &mut size)? else {
            return Ok(None);
        };
        let framing = Framing::of(&headers, Framing::Connection)?;
        let text = String::from_utf8_lossy(&input[..size - 4]).into_owned();
        let head = Self {
            status,
            headers,
            text,
            framing,
        };
        Ok(Some((head, size)))
    }
}

fn parse_status_line(line: &[u8]) -> Result<u16, String> {
    let text = std::str::from_utf8(line).unwrap_or_default();
    let rest = text
        .strip_prefix("HTTP/1.1 ")
        .or_else(|| text.strip_prefix("HTTP/1.0 "));
    let status = rest.and_then(|rest| rest.get(..3)?.parse().ok());
    status.ok_or_else(|| format!("invalid status line: \"{}\"", escape(line, QUOTE_LIMIT)))
}

/// Parses field lines from `*size` on, up to and including the empty line, and adds their size.
fn parse_fields(input: &[u8], size: &mut usize) -> Result<Option<Fields>, String> {
    let mut fields = Fields::default();
    loop {
        let Some((line, used)) = take_line(&input[*size..], SECTION_LIMIT - *size)? else {
            return Ok(None);
        };
        *size += used;
        if line.is_empty() {
            return Ok(Some(fields));
        }
        fields.0.push(parse_field(line)?);
    }
}

/// Returns the first line without its CRLF, and its size with the CRLF, which is at most `limit`.
pub(super) fn take_line(input: &[u8], limit: usize) -> Result<Option<(&[u8], usize)>, String> {
    let Some(end) = input.iter().take(limit).position(|byte| *byte == b'\n') else {
        return match input.len() < limit {
            true => Ok(None),
            false => Err(format!(
                "no line end within {limit} bytes: \"{}\"",
                escape(input, QUOTE_LIMIT)
            )),
        };
    };
    match input[..end].strip_suffix(b"\r") {
        Some(line) => Ok(Some((line, end + 1))),
        None => Err(format!("line end without CR: \"{}\"", escape(input, QUOTE_LIMIT))),
    }
}

/// RFC 9110, section 5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
