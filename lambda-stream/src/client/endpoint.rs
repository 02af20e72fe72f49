//! Parses `AWS_LAMBDA_RUNTIME_API`.

use reqwest::Url;

use super::CallError;

/// Parses the address of the Runtime API: `host:port`, optionally with the scheme `http://` and a base path.
///
/// Lambda sets `host:port`. `cargo lambda watch` sets a URL such as `http://127.0.0.1:9000/.rt/NAME`. It serves the
/// Runtime API and the Extensions API below that path.
pub(super) fn parse(endpoint: &str) -> Result<Url, CallError> {
    let invalid = |reason| CallError::invalid_endpoint(endpoint, reason);
    let rest = match endpoint.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => rest,
        Some(_) => return Err(invalid("its scheme is not `http`")),
        None => endpoint,
    };
    // The parser takes the first segment of the path for a missing host, removes white space, and takes a backslash for
    // a slash.
    if rest.is_empty() || rest.starts_with(['/', ':', '?', '#']) {
        return Err(invalid("it has no host"));
    }
    if rest.contains(|character: char| character.is_whitespace() || character.is_control() || character == '\\') {
        return Err(invalid("it contains white space, a control character or a backslash"));
    }
    if rest.contains(['?', '#']) {
        return Err(invalid("it has a query or a fragment"));
    }
    let authority = rest.split('/').next().unwrap_or_default();
    if authority.contains('@') {
        return Err(invalid("it has a user name"));
    }
    if authority.ends_with(':') {
        return Err(invalid("it has no valid host and port"));
    }
    Url::parse(&format!("http://{rest}")).map_err(|_| invalid("it has no valid host and port"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_and_port_with_optional_scheme_and_path_is_accepted() {
        for (endpoint, url) in [
            ("127.0.0.1:9001", "http://127.0.0.1:9001/"),
            ("127.0.0.1:9001/", "http://127.0.0.1:9001/"),
            ("localhost", "http://localhost/"),
            ("[::1]:9001", "http://[::1]:9001/"),
            ("http://127.0.0.1:9001", "http://127.0.0.1:9001/"),
            ("HTTP://127.0.0.1:9001/", "http://127.0.0.1:9001/"),
            ("http://[::1]:9000/.rt/hello", "http://[::1]:9000/.rt/hello"),
            ("127.0.0.1:9000/.rt/hello/", "http://127.0.0.1:9000/.rt/hello/"),
        ] {
            assert_eq!(parse(endpoint).unwrap().as_str(), url);
        }
    }

    #[test]
    fn unusable_value_is_explained() {
        for (endpoint, reason) in [
            ("https://127.0.0.1:9001", "its scheme is not `http`"),
            ("://127.0.0.1", "its scheme is not `http`"),
            ("http://", "it has no host"),
            ("http:///2018", "it has no host"),
            (":9001", "it has no host"),
            ("?x", "it has no host"),
            ("http:/127.0.0.1:9001", "it has no valid host and port"),
            ("127.0.0.1:port", "it has no valid host and port"),
            ("127.0.0.1:99999", "it has no valid host and port"),
            ("[::1", "it has no valid host and port"),
            ("a<b>", "it has no valid host and port"),
            ("127.0.0.1:9001/?name=x", "it has a query or a fragment"),
            ("127.0.0.1:9001#x", "it has a query or a fragment"),
            ("user@127.0.0.1:9001", "it has a user name"),
            ("not an address", "it contains white space"),
            (" 127.0.0.1:9001", "it contains white space"),
            ("127.0.0.1:9001\n", "it contains white space"),
            (r"127.0.0.1\x", "it contains white space"),
        ] {
            let error = parse(endpoint).unwrap_err().to_string();
            assert!(
                error.contains(reason) && error.contains(&format!("{endpoint:?}")),
                "{error}"
            );
        }
    }
}
