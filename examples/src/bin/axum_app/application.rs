//! The axum application. It does not depend on `lambda_stream`, and also runs with `axum::serve`.

use std::convert::Infallible;
use std::path::Path;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Path as InPath, Query, RawQuery};
use axum::http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, ETAG, IF_NONE_MATCH, RETRY_AFTER, SET_COOKIE,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use axum::routing::{any, delete, get, patch, post};
use axum::{Form, Json, Router};
use futures::{Stream, stream};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tower_http::compression::CompressionLayer;
use tower_http::cors::CorsLayer;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;

/// The longest request body in bytes: Lambda accepts no longer request.
const MAX_BODY_LENGTH: usize = 6 * 1024 * 1024;

/// Returns the application with all its routes. The files of the directory `static_files` are served under `/static`.
pub(crate) fn application(static_files: &Path) -> Router {
    let upstream = get(upstream).layer(TimeoutLayer::with_status_code(
        StatusCode::GATEWAY_TIMEOUT,
        Duration::from_millis(50),
    ));
    let cors = CorsLayer::new()
        .allow_origin(["https://app.example", "http://localhost:5173"].map(HeaderValue::from_static))
        .allow_methods([Method::GET, Method::POST, Method::PATCH])
        .allow_headers([AUTHORIZATION, CONTENT_TYPE]);
    Router::new()
        .route("/", get("An axum application on Lambda.\n"))
        .route("/echo", any(echo))
        .route("/echo/{*path}", any(echo))
        .route("/mirror", post(mirror))
        .route("/items/{name}", get(item).put(put_item))
        .route("/items/{name}/price", patch(price))
        .route("/items/{name}/stock", delete(StatusCode::NO_CONTENT))
        .route("/search", get(search))
        .route("/login", post(login))
        .route("/me", get(me))
        .route("/article", get(article))
        .route("/events", get(events))
        .route("/export/{megabytes}", get(export))
        .route("/exact", get(exact))
        .route("/languages", get(languages))
        .route("/old", get(Redirect::permanent("/items/new")))
        .route("/status/{code}", any(status))
        .route("/upstream", upstream)
        .nest_service("/static", ServeDir::new(static_files))
        .fallback(not_found)
        .layer(DefaultBodyLimit::max(MAX_BODY_LENGTH))
        .layer(SetResponseHeaderLayer::if_not_present(
            X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ))
        .layer(cors)
        .layer(CompressionLayer::new())
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            Duration::from_secs(60),
        ))
}

/// Returns the request as JSON.
async fn echo(method: Method, uri: Uri, RawQuery(query): RawQuery, headers: HeaderMap, body: Bytes) -> Json<Value> {
    let decoded = Query::<Vec<(String, String)>>::try_from_uri(&uri).map(|Query(pairs)| pairs);
    let mut headers: Vec<(&str, String)> = headers
        .iter()
        .map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    headers.sort_by_key(|(name, _)| *name);
    Json(json!({
        "method": method.as_str(),
        "path": uri.path(),
        "query": query,
        "query_decoded": decoded.unwrap_or_default(),
        "headers": headers,
        "body": {"length": body.len(), "digest": digest(&body)},
    }))
}

/// Returns a checksum to compare bodies. It is not a cryptographic hash.
fn digest(body: &[u8]) -> u64 {
    body.iter().fold(body.len() as u64, |digest, byte| {
        digest.rotate_left(7) ^ u64::from(*byte)
    })
}

/// Returns the body of the request with its content type.
async fn mirror(headers: HeaderMap, body: Bytes) -> impl IntoResponse {
    let content_type = headers.get(CONTENT_TYPE).cloned();
    let content_type = content_type.unwrap_or(HeaderValue::from_static("application/octet-stream"));
    ([(CONTENT_TYPE, content_type)], body)
}

#[derive(Serialize, Deserialize)]
struct Item {
    name: String,
    cents: u64,
}

async fn item(InPath(name): InPath<String>) -> Json<Item> {
    let cents = name.len() as u64 * 100;
    Json(Item { name, cents })
}

async fn put_item(InPath(name): InPath<String>, Json(item): Json<Item>) -> Result<impl IntoResponse, Response> {
    if name != item.name {
        let message = format!("the path names {name:?}, but the body names {:?}\n", item.name);
        return Err((StatusCode::CONFLICT, message).into_response());
    }
    Ok((
        StatusCode::CREATED,
        [("location", format!("/items/{name}"))],
        Json(item),
    ))
}

#[derive(Deserialize)]
struct Price {
    cents: u64,
}

async fn price(InPath(name): InPath<String>, Json(Price { cents }): Json<Price>) -> Json<Item> {
    Json(Item { name, cents })
}

#[derive(Deserialize)]
struct Search {
    q: String,
    #[serde(default)]
    page: u32,
}

async fn search(Query(Search { q, page }): Query<Search>) -> String {
    format!("page {page} of the results for {q:?}\n")
}

#[derive(Deserialize)]
struct Login {
    name: String,
}

async fn login(Form(Login { name }): Form<Login>) -> impl IntoResponse {
    let cookies = [
        format!("name={name}; Path=/; HttpOnly; Secure; SameSite=Lax"),
        "theme=dark; Path=/; Expires=Wed, 21 Oct 2099 07:28:00 GMT".to_owned(),
    ];
    (
        AppendHeaders(cookies.map(|cookie| (SET_COOKIE, cookie))),
        Redirect::to("/me"),
    )
}

async fn me(headers: HeaderMap) -> Result<String, (StatusCode, &'static str)> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    let name = pairs.find(|(name, _)| *name == "name");
    name.map(|(_, value)| format!("You are {value}.\n"))
        .ok_or((StatusCode::UNAUTHORIZED, "Not logged in.\n"))
}

/// Returns 304 if the client has the current version.
async fn article(headers: HeaderMap) -> Response {
    const VERSION: &str = "\"version-7\"";
    let is_unmodified = headers.get(IF_NONE_MATCH).is_some_and(|tag| tag == VERSION);
    let head = [(ETAG, VERSION), (CACHE_CONTROL, "max-age=60")];
    match is_unmodified {
        true => (StatusCode::NOT_MODIFIED, head).into_response(),
        false => (head, "An article that rarely changes.\n").into_response(),
    }
}

#[derive(Deserialize)]
struct Ticks {
    count: u64,
    #[serde(default)]
    milliseconds: u64,
}

async fn events(Query(ticks): Query<Ticks>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let events = stream::unfold(0, move |tick| async move {
        if tick == ticks.count {
            return None;
        }
        tokio::time::sleep(Duration::from_millis(ticks.milliseconds)).await;
        let event = Event::default()
            .event("tick")
            .id(tick.to_string())
            .data(format!("tick {tick}"));
        Some((Ok(event), tick + 1))
    });
    Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(1)))
}

/// Generates the body while it is sent.
async fn export(InPath(megabytes): InPath<u64>) -> impl IntoResponse {
    let lines = stream::iter((0..megabytes * 1000).map(|line| Ok::<_, Infallible>(format!("{line:0>999}\n"))));
    ([(CONTENT_TYPE, "text/csv")], Body::from_stream(lines))
}

/// Returns a streamed body with a `Content-Length`.
async fn exact() -> impl IntoResponse {
    (
        [(CONTENT_LENGTH, "5"), (CONTENT_TYPE, "text/plain")],
        Body::from_stream(stream::iter(["fi", "ve", "!"].map(Ok::<_, Infallible>))),
    )
}

/// Returns a repeated header, a header with an empty value and a header that is not ASCII.
async fn languages() -> impl IntoResponse {
    let name = |name| HeaderName::from_static(name);
    let headers = [
        (name("content-language"), HeaderValue::from_static("de")),
        (name("content-language"), HeaderValue::from_static("tlh")),
        (name("x-empty"), HeaderValue::from_static("")),
        (
            name("x-city"),
            HeaderValue::from_bytes("Zürich".as_bytes()).unwrap_or(HeaderValue::from_static("?")),
        ),
    ];
    (AppendHeaders(headers), "Guten Tag, nuqneH\n")
}

async fn status(InPath(code): InPath<u16>) -> Response {
    match StatusCode::from_u16(code) {
        Ok(status) => (status, [(RETRY_AFTER, "7")], format!("{status}\n")).into_response(),
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}

/// Never completes: the timeout layer responds with 504.
async fn upstream() {
    std::future::pending().await
}

async fn not_found(uri: Uri) -> (StatusCode, Json<Value>) {
    (
        StatusCode::NOT_FOUND,
        Json(json!({"error": "no route has this path", "path": uri.path()})),
    )
}
