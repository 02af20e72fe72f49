//! The MCP server: three tools, the runbooks as resources, and a prompt.

use std::num::NonZeroU8;

use rmcp::handler::server::tool::ToolCallContext;
use rmcp::handler::server::wrapper::{Json, Parameters};
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, GetPromptResult, ListResourcesResult, PaginatedRequestParams,
    PromptMessage, ReadResourceRequestParams, ReadResourceResponse, ReadResourceResult, Resource, ResourceContents,
    Role, ServerCapabilities, ServerConfig,
};
use rmcp::service::RequestContext;
use rmcp::{
    ErrorData, RoleServer, ServerHandler, prompt, prompt_handler, prompt_router, schemars, tool, tool_handler,
    tool_router,
};
use serde::{Deserialize, Serialize};

use crate::call::{Progress, catch_panic, time_is_up};
use crate::runbooks::{self, Match, RUNBOOKS};
use crate::services::{Check, Services};

const MARKDOWN: &str = "text/markdown";

#[derive(Clone, Debug)]
pub(crate) struct Server {
    services: Services,
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
struct Search {
    /// Words that describe the problem.
    query: String,
    /// The maximum number of runbooks. The default is 3.
    limit: Option<NonZeroU8>,
}

#[derive(Debug, Serialize, schemars::JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
struct Matches {
    runbooks: Vec<Match>,
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
struct Selection {
    /// The names of the services. Without it, all services are checked.
    services: Option<Vec<String>>,
}

#[derive(Debug, Default, Serialize, schemars::JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
struct Checks {
    checks: Vec<Check>,
    /// The number of services that did not respond before the server's time was up.
    unfinished: usize,
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
struct ServiceName {
    /// The name of the service.
    service: String,
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[schemars(crate = "rmcp::schemars")]
struct Incident {
    /// What users or alarms report.
    symptom: String,
}

#[tool_router]
impl Server {
    pub(crate) fn new(services: Services) -> Self {
        Self { services }
    }

    /// Searches the runbooks for words.
    #[tool(annotations(read_only_hint = true))]
    async fn search_runbooks(&self, Parameters(search): Parameters<Search>) -> Json<Matches> {
        let limit = search.limit.map_or(3, |limit| limit.get().into());
        let runbooks = runbooks::search(&search.query, limit);
        Json(Matches { runbooks })
    }

    /// Checks the health of services, all at the same time.
    #[tool(annotations(read_only_hint = true))]
    async fn check_services(
        &self,
        Parameters(selection): Parameters<Selection>,
        context: RequestContext<RoleServer>,
    ) -> Result<Json<Checks>, String> {
        let services = self.services.select(selection.services.as_deref())?;
        let progress = Progress::new(&context, services.len());
        let mut running = self.services.check(services);
        let mut done = Checks::default();
        let check_all = async {
            progress.report(0, "started".to_owned()).await;
            while let Some(Ok(check)) = running.join_next().await {
                tracing::info!(check.service, check.healthy, check.milliseconds, "checked a service");
                let message = format!("{}: {}", check.service, check.detail);
                done.checks.push(check);
                progress.report(done.checks.len(), message).await;
            }
        };
        tokio::select! {
            () = check_all => {}
            () = time_is_up(&context) => tracing::warn!("the deadline ended the checks"),
            // The response was dropped: nothing reads the result.
            () = context.ct.cancelled() => tracing::warn!("the checks were cancelled"),
        }
        done.unfinished = running.len();
        Ok(Json(done))
    }

    /// Reads what the health endpoint of a service reports. Fails if the service is not healthy.
    #[tool(annotations(read_only_hint = true))]
    async fn health_report(
        &self,
        Parameters(ServiceName { service }): Parameters<ServiceName>,
        context: RequestContext<RoleServer>,
    ) -> Result<String, String> {
        tokio::select! {
            report = self.services.health_report(&service) => report,
            () = time_is_up(&context) => Err(format!("{service} did not respond before the server's time was up")),
            () = context.ct.cancelled() => Err("cancelled".to_owned()),
        }
    }
}

#[prompt_router]
impl Server {
    /// Starts the analysis of an incident.
    #[prompt]
    async fn incident(&self, Parameters(Incident { symptom }): Parameters<Incident>) -> GetPromptResult {
        let text = format!(
            "Find the cause of this incident: {symptom}\n\nCall check_services first. Then search the runbooks, and \
             follow the one that matches. Name the evidence for each conclusion."
        );
        GetPromptResult::new(vec![PromptMessage::new_text(Role::User, text)])
    }
}

#[tool_handler]
#[prompt_handler]
impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder()
            .enable_tools()
            .enable_resources()
            .enable_prompts()
            .build();
        ServerConfig::new(capabilities).with_instructions("Runbooks and health checks for the engineer on call.")
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let tool = request.name.clone();
        let call = ToolCallContext::new(self, request, context);
        let response = catch_panic(Self::tool_router().call(call)).await;
        if let Ok(CallToolResponse::Complete(result)) = &response {
            tracing::info!(%tool, failed = result.is_error == Some(true), "called a tool");
        }
        response
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let resource =
            |runbook: &runbooks::Runbook| Resource::new(runbook.uri, runbook.title()).with_mime_type(MARKDOWN);
        Ok(ListResourcesResult::with_all_items(
            RUNBOOKS.iter().map(resource).collect(),
        ))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let runbook = RUNBOOKS.iter().find(|runbook| runbook.uri == request.uri);
        let runbook = runbook.ok_or_else(|| {
            let message = format!("there is no resource {:?}", request.uri);
            ErrorData::resource_not_found(message, None)
        })?;
        let contents = ResourceContents::text(runbook.text, runbook.uri).with_mime_type(MARKDOWN);
        Ok(ReadResourceResult::new(vec![contents]).into())
    }
}
