//! The Rust blocks of the book's pages, as documentation tests. Each block is a complete program.

/// Makes the blocks of each page documentation tests of a module of its own.
macro_rules! pages {
    ($($module:ident: $path:literal,)+) => {
        /// The pages whose Rust blocks are compiled, with paths from `docs/`.
        pub const PAGES: &[&str] = &[$($path),+];
        $(
            #[cfg(doctest)]
            #[doc = include_str!(concat!("../../../docs/", $path))]
            pub mod $module {}
        )+
    };
}

pages! {
    readme: "../README.md",
    introduction: "introduction.md",
    quick_start: "quick-start.md",
    handlers: "handlers.md",
    errors: "errors.md",
    http: "http.md",
    server_sent_events: "server-sent-events.md",
    exports: "exports.md",
    testing: "testing.md",
    local_development: "local-development.md",
    deployment: "deployment.md",
    limits: "operating/limits.md",
    costs: "operating/costs.md",
    front_ends: "operating/front-ends.md",
    retries: "operating/retries.md",
    known_behavior: "operating/known-behavior.md",
    observability: "observability.md",
    alarms: "operating/alarms.md",
    troubleshooting: "operating/troubleshooting.md",
    coming_from_lambda_runtime: "coming-from-lambda-runtime.md",
    coming_from_lambda_web_adapter: "coming-from-lambda-web-adapter.md",
    coming_from_node: "coming-from-node.md",
    coming_from_dotnet: "coming-from-dotnet.md",
    coming_from_go: "coming-from-go.md",
    performance: "performance.md",
    guarantees: "guarantees.md",
    protocol: "protocol.md",
    architecture: "architecture.md",
    dependencies: "dependencies.md",
    stability: "stability.md",
    maintaining: "maintaining.md",
    releasing: "releasing.md",
}
