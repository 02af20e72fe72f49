// Writes an invocation as a `curl` command, as an `aws lambda invoke` command, and as a Rust test.

import { byId, setText } from "./dom.js";
import { isText, toText } from "./format.js";
import { store } from "./store.js";

// Headers that curl sends itself, or that describe the connection.
const OWN_HEADERS = new Set(["host", "content-length", "connection", "accept-encoding", "transfer-encoding"]);
const MAX_ARGUMENT = 100 * 1024;
const MAX_EXPECTED_BODY = 2048;

const NOTES = {
  curl: "Run it in a shell.",
  aws: "Run it in a shell. The AWS CLI sends the event to this function, and needs no account.",
  rust: "Paste it next to the handler. It needs the feature “testing” of lambda-stream, and the crates http and tokio, as development dependencies.",
};

// Quotes an argument for a POSIX shell.
function shell(text) {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

// Returns a Rust string literal.
function rust(text) {
  // A raw literal is easier to read if there are quotes.
  if (/["\\]/.test(text) && /^[^\u0000-\u0008\u000b-\u001f\u007f]*$/.test(text)) {
    const longest = Math.max(0, ...[...text.matchAll(/"(#*)/g)].map(([, hashes]) => hashes.length + 1));
    const hashes = "#".repeat(Math.max(1, longest));
    return `r${hashes}"${text}"${hashes}`;
  }
  const escape = (character) => ({ "\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\" })[character]
    ?? `\\u{${character.codePointAt(0).toString(16)}}`;
  return `"${text.replace(/["\\\u0000-\u001f\u007f]/g, escape)}"`;
}

// Returns a Rust byte string literal.
function rustBytes(bytes) {
  return `b"${[...bytes].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("")}"`;
}

function decode(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

function curl(invocation) {
  const { request } = invocation;
  if (!request) {
    const url = `${location.origin}/2015-03-31/functions/${store.server.function}/invocations`;
    return `curl -N ${shell(url)} \\\n  --data-raw ${shell(toText(invocation.event))}\n`;
  }
  const lines = [`curl -N ${shell(location.origin + request.url)}`];
  const defaultMethod = request.body ? "POST" : "GET";
  if (request.method === "HEAD") lines.push("--head");
  else if (request.method !== defaultMethod) lines.push(`-X ${shell(request.method)}`);
  const headers = request.headers.filter(([name]) => !OWN_HEADERS.has(name) && !name.startsWith("x-forwarded-"));
  for (const [name, value] of headers) lines.push(`-H ${shell(value ? `${name}: ${value}` : `${name};`)}`);
  if (!request.body) return `${lines.join(" \\\n  ")}\n`;
  // curl adds a type that the request did not have.
  if (!headers.some(([name]) => name.toLowerCase() === "content-type")) lines.push("-H 'content-type:'");
  if (!request.isBase64) return `${[...lines, `--data-raw ${shell(request.body)}`].join(" \\\n  ")}\n`;
  return `printf %s ${shell(request.body)} | base64 -d |\n  ${[...lines, "--data-binary @-"].join(" \\\n  ")}\n`;
}

function aws(invocation) {
  const event = toText(invocation.event);
  const isLong = event.length > MAX_ARGUMENT;
  const lines = [
    "aws lambda invoke",
    `--endpoint-url ${shell(location.origin)}`,
    `--region ${shell(store.server.region)} --no-sign-request`,
    `--function-name ${shell(store.server.function)}`,
    "--cli-binary-format raw-in-base64-out",
    isLong ? "--payload file://event.json" : `--payload ${shell(event)}`,
    "/dev/stdout",
  ];
  const note = isLong ? "# The event is too long for a command line: save it as event.json.\n" : "";
  return `${note}${lines.join(" \\\n  ")}\n`;
}

function testName(invocation) {
  const words = `${invocation.method} ${invocation.request ? invocation.path.split("?")[0] : "event"}`;
  const name = words.toLowerCase().replace(/[^a-z0-9]+/g, "_").replace(/^_+|_+$/g, "").slice(0, 40);
  return `${/^[a-z]/.test(name) ? name : `request_${name}`}_${invocation.error ? "fails" : "responds"}`;
}

function rustTest(invocation) {
  const { request } = invocation;
  const lines = ["#[tokio::test]", `async fn ${testName(invocation)}() {`];
  if (request) {
    const headers = request.headers.filter(([name]) => !OWN_HEADERS.has(name.toLowerCase()));
    lines.push("    let request = http::Request::builder()", `        .method(${rust(request.method)})`, `        .uri(${rust(request.url)})`);
    for (const [name, value] of headers) lines.push(`        .header(${rust(name)}, ${rust(value)})`);
    const body = request.isBase64 ? `&${rustBytes(decode(request.body))}[..]` : rust(request.body);
    lines.push(`        .body(${body})`, "        .unwrap();");
    lines.push(`    let invocation = lambda_stream::testing::Invocation::${request.source}(request);`);
  } else {
    lines.push(`    let event = ${rust(toText(invocation.event))};`);
    lines.push("    let invocation = lambda_stream::testing::Invocation::from_bytes(event);");
  }
  lines.push("    // Insert the name of your handler.", "    let response = invocation.run(handler).await;");
  if (invocation.head && !invocation.error) lines.push(`    assert_eq!(response.status(), Some(${invocation.head.status}));`);
  const body = invocation.body.all();
  if (invocation.isBodyComplete && body.length <= MAX_EXPECTED_BODY && isText(body)) {
    lines.push(`    assert_eq!(response.body(), ${rust(toText(body))});`);
  } else {
    lines.push(`    assert_eq!(response.body().len(), ${invocation.size});`);
  }
  if (invocation.error) {
    lines.push("    let error = response.error().unwrap();", `    assert_eq!(error.error_type(), ${rust(invocation.error.type)});`);
  } else {
    lines.push("    assert!(response.error().is_none());");
  }
  return `${lines.join("\n")}\n}\n`;
}

export const writers = { curl, aws, rust: rustTest };

export function showCode(kind, invocation) {
  const titles = { curl: "As a curl command", aws: "As an aws command", rust: "As a Rust test" };
  setText(byId("code-title"), titles[kind]);
  setText(byId("code-note"), NOTES[kind]);
  byId("code-text").value = writers[kind](invocation);
  byId("code").showModal();
}

// Copies a text. Browsers offer the clipboard only to pages of this machine; else the text is selected first.
export async function copy(text, field) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    field?.select();
    document.execCommand("copy");
  }
}
