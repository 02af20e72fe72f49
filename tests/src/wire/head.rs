//! The grammar of a request's head (RFC 9112, sections 3 and 5) and of field lines, which trailers share. Knows
//! nothing of where the lines come from.

/// Header or trailer fields in the order in which they came.
///
/// Bytes past ASCII, which HTTP lets pass, become U+FFFD here; the raw bytes of a request show them as they came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// The value of the first field of this name; the case of the name is of no matter.
    pub fn get(&self, name: &str) -> Option<&str> {
        let mut fields = self.iter();
        let (_, value) = fields.find(|(field, _)| field.eq_ignore_ascii_case(name))?;
        Some(value)
    }

    /// The values of all fields of this name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.iter()
            .filter(move |(field, _)| field.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// All fields, names as they were written.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// All fields as owned pairs, for a comparison at one go.
    pub fn to_vec(&self) -> Vec<(String, String)> {
        self.0.clone()
    }

    /// Whether a comma-separated field of this name has `member` in its list.
    pub(crate) fn list_has(&self, name: &str, member: &str) -> bool {
        self.all(name)
            .flat_map(|value| value.split(','))
            .any(|part| part.trim().eq_ignore_ascii_case(member))
    }

    /// Takes one field line, without its line end.
    pub(super) fn push_line(&mut self, line: &[u8]) -> Result<(), String> {
        let shown = line.escape_ascii();
        let colon = line.iter().position(|byte| *byte == b':');
        let colon = colon.ok_or_else(|| format!("a field line without a colon: \"{shown}\""))?;
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        if name.is_empty() || !name.iter().all(|byte| is_token(*byte)) {
            return Err(format!("a field name that is no token: \"{shown}\""));
        }
        let control = |byte: &u8| (*byte < b' ' && *byte != b'\t') || *byte == 0x7f;
        if value.iter().any(control) {
            return Err(format!("a control character in a field: \"{shown}\""));
        }
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        self.0.push((text(name), text(value)));
        Ok(())
    }
}

/// Where a body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    Chunked,
    Counted(usize),
}

/// A request line and its headers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Head {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: Fields,
}

impl Head {
    /// Takes the request line, without its line end.
    pub(super) fn of_request_line(line: &[u8]) -> Result<Self, String> {
        let fault = || format!("not a request line: \"{}\"", line.escape_ascii());
        let text = std::str::from_utf8(line).map_err(|_| fault())?;
        let parts: Vec<&str> = text.split(' ').collect();
        let &[method, path, "HTTP/1.1"] = parts.as_slice() else {
            return Err(fault());
        };
        let visible = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
        if method.is_empty() || !method.bytes().all(is_token) {
            return Err(fault());
        }
        if !path.starts_with('/') || !visible(path) {
            return Err(fault());
        }
        Ok(Self {
            method: method.to_owned(),
            path: path.to_owned(),
            headers: Fields::default(),
        })
    }

    /// RFC 9112, section 6.3, without the leniency: what a server may repair is a fault here.
    pub(super) fn framing(&self) -> Result<Framing, String> {
        let values = |name| self.headers.all(name).collect::<Vec<_>>();
        if values("host").len() != 1 {
            return Err("a head without exactly one Host".to_owned());
        }
        match (
            values("transfer-encoding").as_slice(),
            values("content-length").as_slice(),
        ) {
            ([], []) => Ok(Framing::Counted(0)),
            ([coding], []) if coding.eq_ignore_ascii_case("chunked") => Ok(Framing::Chunked),
            ([], [length]) if length.bytes().all(|byte| byte.is_ascii_digit()) => length
                .parse()
                .map(Framing::Counted)
                .map_err(|_| format!("not a Content-Length: \"{length}\"")),
            (codings, lengths) => Err(format!(
                "no clear framing: Transfer-Encoding {codings:?}, Content-Length {lengths:?}"
            )),
        }
    }
}

/// RFC 9110, section 5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
