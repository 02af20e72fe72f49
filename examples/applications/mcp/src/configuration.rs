//! The configuration, from environment variables.

use lambda_stream::Error;
use reqwest::Url;

use crate::authorization::Token;
use crate::services::Service;

#[derive(Debug)]
pub(crate) struct Configuration {
    pub(crate) token: Token,
    pub(crate) services: Vec<Service>,
    pub(crate) allowed_hosts: AllowedHosts,
}

/// The accepted values of the header `Host`.
#[derive(Debug, PartialEq)]
pub(crate) enum AllowedHosts {
    /// The names and addresses of this machine.
    Loopback,
    Any,
    /// Host names, each with an optional port.
    List(Vec<String>),
}

impl Configuration {
    pub(crate) fn from_environment() -> Result<Self, Error> {
        Self::from_variables(|name| std::env::var(name).unwrap_or_default())
    }

    fn from_variables(variable: impl Fn(&str) -> String) -> Result<Self, Error> {
        // The error does not contain the token.
        let token = Token::new(&variable("MCP_TOKEN")).ok_or_else(|| {
            Error::new("invalid MCP_TOKEN: set it to a secret of at least 16 visible ASCII characters")
        })?;
        Ok(Self {
            token,
            services: services(&variable("SERVICES"))?,
            allowed_hosts: allowed_hosts(&variable("ALLOWED_HOSTS"))?,
        })
    }
}

fn services(list: &str) -> Result<Vec<Service>, Error> {
    let mut services: Vec<Service> = Vec::new();
    for (number, entry) in (1..).zip(entries(list)) {
        // The error does not contain the entry, because a URL may contain a password.
        let service = service(entry).ok_or_else(|| {
            Error::new(format!(
                "invalid entry {number} of SERVICES: write a name and an http URL, such as orders=http://10.0.0.5/"
            ))
        })?;
        if services.iter().any(|other| other.name == service.name) {
            return Err(Error::new(format!("SERVICES contains {:?} twice", service.name)));
        }
        services.push(service);
    }
    if services.is_empty() {
        return Err(Error::new(
            "SERVICES is not set: list the services to check, such as orders=http://10.0.0.5/health",
        ));
    }
    Ok(services)
}

fn service(entry: &str) -> Option<Service> {
    let (name, url) = entry.split_once('=')?;
    let url = Url::parse(url).ok()?;
    // An `https` URL requires the feature `rustls` of `reqwest`.
    let is_valid = !name.is_empty() && url.scheme() == "http" && url.has_host();
    is_valid.then(|| Service {
        name: name.to_owned(),
        url,
    })
}

fn allowed_hosts(list: &str) -> Result<AllowedHosts, Error> {
    let hosts: Vec<String> = entries(list).map(str::to_owned).collect();
    match hosts.as_slice() {
        [] => Ok(AllowedHosts::Loopback),
        [any] if any == "*" => Ok(AllowedHosts::Any),
        _ => match hosts.iter().find(|host| host.contains(['*', '/'])) {
            Some(host) => Err(Error::new(format!(
                "invalid host {host:?} in ALLOWED_HOSTS: write host names without scheme and path, or only `*`"
            ))),
            None => Ok(AllowedHosts::List(hosts)),
        },
    }
}

fn entries(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim).filter(|entry| !entry.is_empty())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failing test panics")]

    use super::*;

    fn configuration(variables: &[(&str, &str)]) -> Result<Configuration, String> {
        let valid = [
            ("MCP_TOKEN", "0123456789abcdef"),
            ("SERVICES", "orders=http://10.0.0.5"),
        ];
        let variable = |name: &str| {
            let found = variables.iter().chain(&valid).find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned()).unwrap_or_default()
        };
        Configuration::from_variables(variable).map_err(|error| error.to_string())
    }

    #[test]
    fn lists_are_separated_by_commas() {
        let services = "orders=http://10.0.0.5:81/health, payments=http://user:secret@payments.internal/?a=b,";
        let hosts = "mcp.example.com,localhost:9000";
        let configuration = configuration(&[("SERVICES", services), ("ALLOWED_HOSTS", hosts)]).unwrap();
        let services = &configuration.services;
        assert_eq!(services.len(), 2);
        assert_eq!(
            (services[1].name.as_str(), services[1].url.query()),
            ("payments", Some("a=b"))
        );
        let hosts = vec!["mcp.example.com".to_owned(), "localhost:9000".to_owned()];
        assert_eq!(configuration.allowed_hosts, AllowedHosts::List(hosts));
    }

    #[test]
    fn host_is_optional_or_an_asterisk() {
        assert_eq!(configuration(&[]).unwrap().allowed_hosts, AllowedHosts::Loopback);
        let any = configuration(&[("ALLOWED_HOSTS", "*")]).unwrap();
        assert_eq!(any.allowed_hosts, AllowedHosts::Any);
    }

    #[test]
    fn invalid_variable_is_named_without_its_secret() {
        for (name, value, message) in [
            ("MCP_TOKEN", "", "invalid MCP_TOKEN: set it"),
            ("MCP_TOKEN", "a-short-secret", "at least 16"),
            ("MCP_TOKEN", "a secret with spaces", "visible ASCII"),
            ("SERVICES", " , ", "SERVICES is not set"),
            (
                "SERVICES",
                "a=http://b,http://user:secret@c",
                "invalid entry 2 of SERVICES",
            ),
            ("SERVICES", "a=https://user:secret@b", "an http URL"),
            ("SERVICES", "=http://user:secret@b", "invalid entry 1 of SERVICES"),
            ("SERVICES", "a=http://b,a=http://c", "SERVICES contains \"a\" twice"),
            (
                "ALLOWED_HOSTS",
                "https://example.com",
                "invalid host \"https://example.com\" in ALLOWED_HOSTS",
            ),
            ("ALLOWED_HOSTS", "*.example.com", "invalid host"),
        ] {
            let error = configuration(&[(name, value)]).unwrap_err();
            assert!(error.contains(message), "{name}={value}: {error}");
            assert!(!error.contains("secret@") && !error.contains("a-short"), "{error}");
        }
    }
}
