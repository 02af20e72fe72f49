//! The services and their health endpoints.

use std::time::{Duration, Instant};

use lambda_stream::Error;
use reqwest::{Client, Response, Url};
use rmcp::schemars;
use serde::Serialize;
use tokio::task::JoinSet;

/// The time that a service has to respond.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The longest health report in bytes.
const MAX_REPORT: usize = 16 * 1024;

/// A service with a health endpoint.
#[derive(Clone, Debug)]
pub(crate) struct Service {
    pub(crate) name: String,
    pub(crate) url: Url,
}

/// The result of one health check.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
pub(crate) struct Check {
    pub(crate) service: String,
    pub(crate) healthy: bool,
    /// The status of the response, or the error of the request.
    pub(crate) detail: String,
    pub(crate) milliseconds: u64,
}

#[derive(Clone, Debug)]
pub(crate) struct Services {
    services: Vec<Service>,
    client: Client,
}

impl Services {
    pub(crate) fn new(services: Vec<Service>) -> Result<Self, Error> {
        let client = Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(TIMEOUT)
            // Lambda freezes the process between invocations. A pooled connection may have been closed when it resumes.
            .pool_max_idle_per_host(0)
            .build()?;
        Ok(Self { services, client })
    }

    /// Returns the services with these names, each once, or all services.
    ///
    /// # Errors
    /// Returns a message for the caller if a name is unknown.
    pub(crate) fn select(&self, names: Option<&[String]>) -> Result<Vec<Service>, String> {
        let Some(names) = names else {
            return Ok(self.services.clone());
        };
        for name in names {
            self.find(name)?;
        }
        let selected = self.services.iter().filter(|service| names.contains(&service.name));
        Ok(selected.cloned().collect())
    }

    fn find(&self, name: &str) -> Result<&Service, String> {
        let found = self.services.iter().find(|service| service.name == name);
        found.ok_or_else(|| {
            let known: Vec<&str> = self.services.iter().map(|service| service.name.as_str()).collect();
            format!("there is no service {name:?}; the services are {}", known.join(", "))
        })
    }

    /// Starts to check these services at the same time. Dropping the set stops the checks.
    pub(crate) fn check(&self, services: Vec<Service>) -> JoinSet<Check> {
        let checks = services.into_iter().map(|service| {
            let client = self.client.clone();
            async move {
                let started = Instant::now();
                let (healthy, detail) = match client.get(service.url).send().await {
                    Ok(response) => (response.status().is_success(), response.status().to_string()),
                    Err(error) => (false, reason(&error)),
                };
                Check {
                    service: service.name,
                    healthy,
                    detail,
                    milliseconds: started.elapsed().as_millis().try_into().unwrap_or(u64::MAX),
                }
            }
        });
        checks.collect()
    }

    /// Returns the text with which the health endpoint of a service responds.
    ///
    /// # Errors
    /// Returns a message for the caller if the service is unknown, does not respond, or is not healthy.
    pub(crate) async fn health_report(&self, name: &str) -> Result<String, String> {
        let service = self.find(name)?;
        let response = self.client.get(service.url.clone()).send().await;
        let mut response = response.map_err(|error| format!("{name} did not respond: {}", reason(&error)))?;
        let status = response.status();
        let report = read(&mut response).await;
        let report = report.map_err(|error| format!("{name} did not complete its report: {}", reason(&error)))?;
        match status.is_success() {
            true => Ok(report),
            false => Err(format!("{name} responded with status {status}: {report}")),
        }
    }
}

/// Reads the start of a body.
async fn read(response: &mut Response) -> reqwest::Result<String> {
    let mut body = Vec::new();
    while body.len() < MAX_REPORT
        && let Some(chunk) = response.chunk().await?
    {
        body.extend_from_slice(&chunk);
    }
    body.truncate(MAX_REPORT);
    Ok(String::from_utf8_lossy(&body).into_owned())
}

/// Returns the innermost source of an error. The message of the error itself contains the address of the service.
fn reason(error: &reqwest::Error) -> String {
    let mut source: &dyn std::error::Error = error;
    while let Some(inner) = source.source() {
        source = inner;
    }
    match error.is_timeout() {
        true => format!("no response in {TIMEOUT:?}"),
        false => source.to_string(),
    }
}
