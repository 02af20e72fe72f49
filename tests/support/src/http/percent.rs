//! Percent-decoding (RFC 3986, section 2.1) of path segments and query strings.

/// Decodes each `%XX` triplet. An invalid triplet stays unchanged.
pub(crate) fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut position = 0;
    while position < bytes.len() {
        match decode_triplet(&bytes[position..]) {
            Some(byte) => {
                decoded.push(byte);
                position += 3;
            }
            None => {
                decoded.push(bytes[position]);
                position += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

fn decode_triplet(bytes: &[u8]) -> Option<u8> {
    let &[b'%', high, low, ..] = bytes else {
        return None;
    };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn only_valid_triplets_are_decoded() {
        assert_eq!(decode("a%20b%2fc%C3%A9"), "a b/cé");
        assert_eq!(decode("100%, 5%2, %zz %+1"), "100%, 5%2, %zz %+1");
    }
}
