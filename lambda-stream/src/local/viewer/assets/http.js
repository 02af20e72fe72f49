// Decodes HTTP requests from events, and status, headers and cookies from responses.

import { fromBase64, parseJson, toText } from "./format.js";

export const PRELUDE_TYPE = "application/vnd.awslambda.http-integration-response";
const DELIMITER_LENGTH = 8;

// Returns the request that an event describes, or null: {method, url, headers: [[name, value]], body, isBase64, source}.
export function requestOf(text) {
  const event = parseJson(text);
  const http = event?.requestContext?.http;
  const body = typeof event?.body === "string" ? event.body : "";
  const isBase64 = Boolean(event?.isBase64Encoded);
  if (http && typeof event.rawPath === "string") {
    const headers = Object.entries(event.headers ?? {}).filter(([name]) => name !== "cookie");
    if (event.cookies?.length) headers.push(["cookie", event.cookies.join("; ")]);
    const query = event.rawQueryString ? `?${event.rawQueryString}` : "";
    const source = event.requestContext.apiId === "local" || /lambda-url/.test(event.requestContext.domainName ?? "")
      ? "function_url" : "http_api";
    return { method: http.method, url: event.rawPath + query, headers, body, isBase64, source };
  }
  if (event?.httpMethod && typeof event.path === "string") {
    const lists = event.multiValueHeaders;
    const headers = lists
      ? Object.entries(lists).flatMap(([name, values]) => values.map((value) => [name, value]))
      : Object.entries(event.headers ?? {});
    const query = new URLSearchParams();
    for (const [name, values] of Object.entries(event.multiValueQueryStringParameters ?? event.queryStringParameters ?? {})) {
      for (const value of [values].flat()) query.append(name, value);
    }
    const isAlb = Boolean(event.requestContext?.elb);
    const source = isAlb ? (lists ? "alb_multi_value" : "alb") : event.version === "1.0" ? "http_api_v1" : "rest_api";
    return { method: event.httpMethod, url: event.path + (query.size ? `?${query}` : ""), headers, body, isBase64, source };
  }
  return null;
}

// Returns the length of the prelude in the first bytes of a response, without its delimiter, or -1.
export function preludeLength(bytes) {
  let zeros = 0;
  for (let index = 0; index < bytes.length; index++) {
    zeros = bytes[index] === 0 ? zeros + 1 : 0;
    if (zeros === DELIMITER_LENGTH) return index + 1 - DELIMITER_LENGTH;
  }
  return -1;
}

// Decodes a prelude, or the JSON of a buffered response: {status, headers: [[name, value]], cookies, text}.
export function headOf(text) {
  const json = parseJson(text);
  if (typeof json !== "object" || json === null) return { status: null, headers: [], cookies: [], text };
  const headers = Object.entries(json.headers ?? {}).map(([name, value]) => [name, String(value)]);
  for (const [name, values] of Object.entries(json.multiValueHeaders ?? {})) {
    for (const value of [values].flat()) headers.push([name, String(value)]);
  }
  return { status: json.statusCode ?? 200, headers, cookies: [json.cookies ?? []].flat().map(String), text };
}

export function headerOf(head, name) {
  return head?.headers.find(([header]) => header.toLowerCase() === name)?.[1] ?? null;
}

// Returns the head and the body of a buffered response that describes an HTTP response, or null.
export function decodeBuffered(bytes) {
  const text = toText(bytes);
  const json = parseJson(text);
  if (typeof json !== "object" || json === null || json.statusCode === undefined) return null;
  const { body, ...rest } = json;
  const content = typeof body === "string" ? body : body === undefined ? "" : JSON.stringify(body);
  let decoded = new TextEncoder().encode(content);
  if (json.isBase64Encoded) {
    try {
      decoded = fromBase64(content);
    } catch {
      // The text is shown without decoding.
    }
  }
  return { head: headOf(JSON.stringify(rest)), body: decoded };
}
