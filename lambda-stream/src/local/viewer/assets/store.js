// What has happened, built from the records of the server. It is bounded like the history of the server.

import { fromBase64, parseJson, plain, toText } from "./format.js";
import { PRELUDE_TYPE, decodeBuffered, headOf, headerOf, preludeLength, requestOf } from "./http.js";

const MAX_INVOCATIONS = 200;
const MAX_BYTES = 64 * 1024 * 1024;
const MAX_CHUNKS = 50_000;
const MAX_SPANS = 1000;
const MAX_LOG_LINES = 5_000;
const MAX_OTHER_LINES = 2_000;
const MAX_ENVIRONMENTS = 200;

// A growing array of bytes.
class Bytes {
  #bytes = new Uint8Array(0);
  length = 0;

  push(bytes) {
    const length = this.length + bytes.length;
    if (length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(length, 2 * this.#bytes.length, 256));
      grown.set(this.all());
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, this.length);
    this.length = length;
  }

  all() {
    return this.#bytes.subarray(0, this.length);
  }
}

export class Invocation {
  constructor(record, number) {
    this.id = record.id;
    this.number = number;
    this.source = record.source;
    this.method = record.method;
    this.path = record.path;
    this.event = fromBase64(record.event);
    this.invokedAt = record.t;
    this.deliveredAt = null;
    this.environment = null;
    this.isCold = false;
    this.startedAt = null;
    this.contentType = null;
    this.isBuffered = false;
    this.firstByteAt = null;
    this.endedAt = null;
    this.completedAt = null;
    this.status = null;
    this.hasStatus = false;
    this.error = null;
    // {status, headers, cookies, text}, and the size of the prelude with its delimiter.
    this.head = null;
    this.preludeSize = 0;
    // The chunks of the body, without the prelude. Times are milliseconds since the start of the server.
    this.times = [];
    this.sizes = [];
    this.chunks = 0;
    this.size = 0;
    this.body = new Bytes();
    // The end of each chunk within `body`.
    this.ends = [];
    this.isBodyComplete = true;
    this.prelude = null;
    this.logs = [];
    this.droppedLogs = 0;
    this.summary = null;
    // {name, span, parent, start, duration, attributes, error}, times in milliseconds since the Unix epoch.
    this.spans = [];
    // Counts the changes, so that views know what to update.
    this.revision = 0;
    this.retained = this.event.length;
  }

  get request() {
    this.decodedRequest ??= { value: requestOf(toText(this.event)) };
    return this.decodedRequest.value;
  }

  get isRunning() {
    return this.endedAt === null;
  }

  // "waiting", "running", "ok" or "failed".
  get state() {
    if (this.endedAt === null) return this.deliveredAt === null ? "waiting" : "running";
    return this.error || (this.status ?? 0) >= 500 ? "failed" : "ok";
  }

  get firstByte() {
    return this.firstByteAt === null ? null : this.firstByteAt - this.invokedAt;
  }

  duration(now) {
    return (this.endedAt ?? now) - this.invokedAt;
  }

  // The content type that the caller sees.
  get type() {
    return headerOf(this.head, "content-type") ?? (this.contentType === PRELUDE_TYPE ? null : this.contentType);
  }

  apply(record) {
    this.revision++;
    switch (record.e) {
      case "delivered":
        this.deliveredAt = record.t;
        this.environment = record.environment;
        this.isCold = record.cold;
        break;
      case "started":
        this.startedAt = record.t;
        this.contentType = record.contentType;
        this.isBuffered = record.contentType === null;
        if (record.contentType?.toLowerCase() === PRELUDE_TYPE) this.prelude = new Bytes();
        break;
      case "chunk":
        this.firstByteAt ??= record.t;
        this.#chunk(record.t, record.size, fromBase64(record.data));
        break;
      case "ended":
        this.endedAt = record.t;
        this.error = record.error && decodeError(record.error);
        if (this.isBuffered) this.#decodeBuffered();
        break;
      case "status":
        this.status = record.status;
        this.hasStatus = true;
        break;
      case "completed":
        this.completedAt = record.t;
        break;
      case "log":
        this.#log(record);
        break;
      case "span":
        this.#span(record);
        break;
    }
  }

  #span(record) {
    if (this.spans.length >= MAX_SPANS) return;
    this.spans.push(record);
    this.retained += 2 * record.attributes.flat().join("").length + 256;
  }

  #chunk(time, size, data) {
    if (this.prelude) {
      this.prelude.push(data);
      const length = preludeLength(this.prelude.all());
      if (length < 0) return;
      const bytes = this.prelude.all();
      this.head = headOf(toText(bytes.subarray(0, length)));
      this.preludeSize = length + 8;
      data = bytes.slice(this.preludeSize);
      this.prelude = null;
      size = data.length;
      if (size === 0) return;
    }
    this.chunks++;
    this.size += size;
    this.body.push(data);
    this.retained += data.length;
    if (data.length < size) this.isBodyComplete = false;
    if (this.times.length >= MAX_CHUNKS) return;
    this.times.push(time);
    this.sizes.push(size);
    this.ends.push(this.body.length);
    this.retained += 24;
  }

  // A buffered response of an HTTP event may contain the status, the headers and the body as JSON.
  #decodeBuffered() {
    const decoded = this.request && this.isBodyComplete && decodeBuffered(this.body.all());
    if (!decoded) return;
    this.head = decoded.head;
    this.body = new Bytes();
    this.body.push(decoded.body);
    this.size = decoded.body.length;
    this.sizes = [this.size];
    this.ends = [this.size];
  }

  #log(record) {
    const line = plain(record.line);
    this.summary = summaryOf(line) ?? this.summary;
    if (this.logs.length >= MAX_LOG_LINES) {
      this.droppedLogs++;
      return;
    }
    this.logs.push({ time: record.t, line, level: levelOf(line) });
    this.retained += 2 * line.length + 64;
  }
}

// Decodes the JSON that the function reported: {type, message, stack: [line], source}.
function decodeError({ type, message, json }) {
  const reported = json ? parseJson(toText(fromBase64(json))) : undefined;
  const stack = Array.isArray(reported?.stackTrace) ? reported.stackTrace.map(String) : [];
  return { type, message, stack, isReported: Boolean(json) };
}

// Returns "error" or "warning" for a log line of this level, else an empty text.
function levelOf(line) {
  const level = /\b(ERROR|FATAL|WARN(?:ING)?)\b/.exec(line.slice(0, 120))?.[1];
  return level ? (level.startsWith("WARN") ? "warning" : "error") : "";
}

// Returns the fields of the log line "invocation ended" of the library, in either format, or null.
function summaryOf(line) {
  if (!line.includes("invocation ended")) return null;
  const json = line.startsWith("{") ? parseJson(line) : undefined;
  if (json) {
    const { timestamp, level, message, requestId, target, ...fields } = json;
    return Object.entries(fields).filter(([, value]) => typeof value !== "object").map(([name, value]) => [name, String(value)]);
  }
  const fields = line.slice(line.indexOf("invocation ended") + "invocation ended".length);
  return [...fields.matchAll(/([A-Za-z_.]+)=("[^"]*"|\S+)/g)].map(([, name, value]) => [name, value.replaceAll('"', "")]);
}

class Store {
  // Newest first.
  invocations = [];
  environments = new Map();
  // Log lines that belong to no invocation.
  otherLines = [];
  server = { start: 0, function: "", region: "us-east-1", timeout: 30, environments: 0, version: "" };
  build = 1;
  revision = 0;
  #byId = new Map();
  #number = 0;
  // The sequence number of the last record.
  #last = 0;
  #clock = { record: 0, page: 0 };

  get(id) {
    return this.#byId.get(id) ?? null;
  }

  // Returns the current time on the clock of the records.
  now() {
    return this.#clock.record + performance.now() - this.#clock.page;
  }

  // Returns a time of the records as a time since the Unix epoch.
  toDate(time) {
    return this.server.start + time;
  }

  // Sets what the server says about itself. After a restart of the server, its records start from the beginning.
  hello(server) {
    if (this.server.start !== server.start) this.#clear();
    this.server = server;
    this.revision++;
  }

  #clear() {
    this.invocations = [];
    this.#byId.clear();
    this.environments.clear();
    this.otherLines = [];
    this.#number = 0;
    this.#last = 0;
    this.build = 1;
    this.#clock = { record: 0, page: 0 };
  }

  apply(records) {
    for (const record of records) {
      if (record.n > this.#last) this.#apply(record);
    }
    const last = records.at(-1);
    if (last) this.#last = last.n;
    // The record with the shortest way shows the difference of the clocks best.
    if (last && (this.#clock.page === 0 || last.t > this.now() - 1)) {
      this.#clock = { record: last.t, page: performance.now() };
    }
    this.#limit();
    this.revision++;
  }

  #apply(record) {
    if (record.e === "invoked") {
      const invocation = new Invocation(record, ++this.#number);
      this.#byId.set(record.id, invocation);
      this.invocations.unshift(invocation);
    } else if (record.id) {
      this.#byId.get(record.id)?.apply(record);
      if (record.e === "delivered") this.#environment(record).invocations++;
    } else {
      this.#applyOther(record);
    }
  }

  #environment(record) {
    let environment = this.environments.get(record.environment);
    if (!environment) {
      environment = {
        number: record.environment, process: null, build: this.build, startedAt: record.t, init: null, stoppedAt: null,
        reason: null, invocations: 0,
      };
      this.environments.set(record.environment, environment);
    }
    return environment;
  }

  #applyOther(record) {
    switch (record.e) {
      case "environment":
        Object.assign(this.#environment(record), { process: record.process, build: record.build });
        break;
      case "ready":
        this.#environment(record).init = record.init;
        break;
      case "stopped":
        Object.assign(this.#environment(record), { stoppedAt: record.t, reason: record.reason });
        break;
      case "build":
        this.build = record.build;
        break;
      case "log":
        this.otherLines.push({
          time: record.t, line: plain(record.line), level: levelOf(record.line), environment: record.environment,
        });
        break;
    }
  }

  #limit() {
    let retained = 0;
    for (const invocation of this.invocations) retained += invocation.retained;
    while (this.invocations.length > MAX_INVOCATIONS || (retained > MAX_BYTES && this.invocations.length > 1)) {
      const removed = this.invocations.pop();
      retained -= removed.retained;
      this.#byId.delete(removed.id);
    }
    if (this.otherLines.length > MAX_OTHER_LINES) this.otherLines.splice(0, this.otherLines.length - MAX_OTHER_LINES);
    for (const [number, environment] of this.environments) {
      if (this.environments.size <= MAX_ENVIRONMENTS) break;
      if (environment.stoppedAt !== null) this.environments.delete(number);
    }
  }
}

export const store = new Store();
