// The details of one invocation.

import { BodyView } from "./body.js";
import { showCode } from "./code.js";
import { h, setAttribute, setText, tabList } from "./dom.js";
import { count, duration, parseJson, size, timeOfDay, toText } from "./format.js";
import { statusOf } from "./list.js";
import { spanTable } from "./spans.js";
import { store } from "./store.js";
import { Timeline } from "./timeline.js";
import { VirtualList } from "./virtual.js";

const ROW_HEIGHT = 20;

// Returns a list of terms and values. `update({term: text})` sets the values.
export function figures(terms) {
  const values = new Map(terms.map((term) => [term, h("dd", {}, "–")]));
  const element = h("dl", { class: "figures" }, terms.map((term) => h("div", {}, h("dt", {}, term), values.get(term))));
  const update = (texts) => {
    for (const [term, text] of Object.entries(texts)) setText(values.get(term), text);
  };
  return { element, update, value: (term) => values.get(term) };
}

// Returns a table of names and values.
function pairs(caption, entries) {
  return h("table", { class: "pairs" }, h("caption", {}, caption),
    h("tbody", {}, entries.map(([name, value]) => h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, value)))));
}

function pretty(text) {
  const json = parseJson(text);
  return json === undefined ? text : JSON.stringify(json, null, 2);
}

// The error that the function reported, or that local mode detected.
export function errorBox(error) {
  return h("div", { class: "error-box", role: "alert" },
    h("p", { class: "error-type" }, error.type || "Error"),
    h("p", { class: "error-message" }, error.message),
    error.stack.length ? h("ol", { class: "stack", "aria-label": "Stack trace" }, error.stack.map((line) => h("li", {}, line))) : null,
    h("p", { class: "note muted" }, error.isReported ? "Reported by the function." : "Detected by local mode."));
}

export class Detail {
  #revision = -1;
  #hasError = false;
  #hasHead = null;
  #summary = null;
  #spanCount = -1;

  // `actions`: {resend(invocation), edit(invocation), compare(invocation, other)}.
  constructor(invocation, actions) {
    this.invocation = invocation;
    this.status = h("span", { class: "status" });
    this.figures = figures(["First byte", "Duration", "Size", "Chunks", "Environment", "Start"]);
    this.timeline = new Timeline(invocation);
    this.error = h("div", {});
    this.body = new BodyView(invocation);
    this.head = h("div", { class: "pane" });
    this.logList = new VirtualList({ label: "Log lines", rowHeight: ROW_HEIGHT, className: "code lines", render: (index) => this.#logRow(index) });
    this.logNote = h("p", { class: "note muted" });
    this.chunkList = new VirtualList({ label: "Chunks", rowHeight: ROW_HEIGHT, className: "code", render: (index) => this.#chunkRow(index) });
    this.summary = h("div", {});
    const panels = {
      body: h("div", {}, this.body.element),
      response: this.head,
      event: h("div", { class: "pane" }),
      chunks: h("div", {}, h("p", { class: "note muted" }, "Number, time since the request, time since the previous chunk, size"), this.chunkList.element),
      logs: h("div", {}, this.summary, this.logNote, this.logList.element),
      spans: h("div", { class: "pane" }),
    };
    this.spans = panels.spans;
    this.tabs = tabList("Invocation", [
      { name: "body", label: "Body", panel: panels.body },
      { name: "response", label: "Headers", panel: panels.response },
      { name: "event", label: invocation.request ? "Request" : "Event", panel: panels.event },
      { name: "chunks", label: "Chunks", panel: panels.chunks },
      { name: "logs", label: "Logs", panel: panels.logs },
      { name: "spans", label: "Spans", panel: panels.spans },
    ], (name) => {
      // An event may be long, and is written only if it is read.
      if (name === "event" && !panels.event.hasChildNodes()) panels.event.append(...this.#eventPane());
      this.#revision = -1;
      this.update();
    });
    this.compare = h("select", { "aria-label": "Compare with", onchange: () => {
      const other = this.compare.value;
      this.compare.value = "";
      if (other) actions.compare(invocation.id, other);
    } });
    const copyButton = (kind, label) =>
      h("button", { type: "button", class: "button", "data-copy": kind, "aria-haspopup": "dialog", onclick: () => showCode(kind, invocation) }, label);
    this.element = h("article", { class: "invocation" },
      h("header", {},
        h("a", { href: "#/", class: "back" }, "← Invocations"),
        h("h2", {}, h("span", { class: "method" }, invocation.method), " ", h("span", { class: "path" }, invocation.path), " ", this.status),
        h("p", { class: "meta muted" },
          `${invocation.source} · ${timeOfDay(store.toDate(invocation.invokedAt))} · `, h("span", { class: "request-id" }, invocation.id)),
        h("div", { class: "actions", role: "group", "aria-label": "Actions" },
          h("button", { type: "button", class: "button", "data-action": "resend", onclick: () => actions.resend(invocation) }, "Resend"),
          h("button", { type: "button", class: "button", onclick: () => actions.edit(invocation) }, "Edit"),
          this.compare,
          h("span", { class: "copy-group" }, h("span", { class: "muted" }, "Copy as"),
            copyButton("curl", "curl"), copyButton("aws", "aws"), copyButton("rust", "Rust test")))),
      this.error, this.figures.element, this.timeline.element, this.tabs.list, ...Object.values(panels));
    this.tabs.choose("body");
  }

  #eventPane() {
    const { invocation } = this;
    const { request } = invocation;
    const text = toText(invocation.event);
    const raw = h("pre", { class: "code", tabindex: "0", "aria-label": "Event" }, pretty(text).slice(0, 200_000));
    if (!request) return [raw];
    return [
      pairs("Request", [["method", request.method], ["path", request.url], ...request.headers]),
      ...(request.body ? [h("pre", { class: "code", tabindex: "0", "aria-label": "Request body" }, pretty(request.body).slice(0, 200_000))] : []),
      h("details", {}, h("summary", {}, `Event, ${size(invocation.event.length)}`), raw),
    ];
  }

  #logRow(index) {
    const { time, line, level } = this.invocation.logs[index];
    return h("div", { class: `row ${level}` },
      h("span", { class: "gutter" }, duration(time - this.invocation.invokedAt)), h("span", { class: "text" }, line));
  }

  #chunkRow(index) {
    const { times, sizes, invokedAt } = this.invocation;
    const gap = index ? `+${duration(times[index] - times[index - 1])}` : "";
    const text = `${duration(times[index] - invokedAt).padStart(9)}  ${gap.padStart(10)}  ${size(sizes[index]).padStart(9)}`;
    return h("div", { class: "row" }, h("span", { class: "gutter" }, (index + 1).toLocaleString("en")), h("span", { class: "text" }, text));
  }

  #environment() {
    const { environment } = this.invocation;
    if (environment === null) return "–";
    const { process, build } = store.environments.get(environment) ?? {};
    return `#${environment}${process ? ` · pid ${process}` : ""}${build ? ` · build ${build}` : ""}`;
  }

  #start() {
    const { invocation } = this;
    const waited = invocation.deliveredAt === null ? null : invocation.deliveredAt - invocation.invokedAt;
    const init = store.environments.get(invocation.environment)?.init;
    if (invocation.isCold) return `cold${init === null || init === undefined ? "" : ` · init ${duration(init)}`}`;
    return waited === null ? "–" : `warm · waited ${duration(waited)}`;
  }

  update() {
    const { invocation } = this;
    const now = store.now();
    if (invocation.isRunning || this.#revision !== invocation.revision) {
      const [status, className] = statusOf(invocation);
      setText(this.status, status);
      setAttribute(this.status, "class", `status ${className}`);
      this.figures.update({
        "First byte": duration(invocation.firstByte),
        Duration: duration(invocation.duration(now)),
        Size: size(invocation.size),
        Chunks: invocation.chunks.toLocaleString("en"),
        Environment: this.#environment(),
        Start: this.#start(),
      });
    }
    this.timeline.update();
    this.#updateCompare();
    this.body.update();
    if (this.#revision === invocation.revision) return;
    this.#revision = invocation.revision;
    if (invocation.error && !this.#hasError) {
      this.#hasError = true;
      this.error.replaceChildren(errorBox(invocation.error));
    }
    this.#updateHead();
    setText(this.tabs.button("logs"), invocation.logs.length ? `Logs ${invocation.logs.length.toLocaleString("en")}` : "Logs");
    if (invocation.spans.length !== this.#spanCount) {
      this.#spanCount = invocation.spans.length;
      setText(this.tabs.button("spans"), this.#spanCount ? `Spans ${this.#spanCount}` : "Spans");
      this.spans.replaceChildren(spanTable(invocation.spans));
    }
    if (!this.chunkList.element.closest("[hidden]")) this.chunkList.update(invocation.times.length, false, invocation.isRunning);
    if (!this.logList.element.closest("[hidden]")) this.#updateLogs();
  }

  #updateHead() {
    const { invocation } = this;
    const state = invocation.head ?? invocation.contentType ?? invocation.isBuffered;
    if (state === this.#hasHead) return;
    this.#hasHead = state;
    const { head } = invocation;
    if (!head) {
      const text = invocation.startedAt === null ? "No response yet."
        : invocation.isBuffered ? "A buffered response without status and headers."
        : `A stream without a prelude: the caller gets status 200 and the content type ${invocation.contentType}.`;
      this.head.replaceChildren(h("p", { class: "muted" }, text));
      return;
    }
    const rows = [["status", String(head.status)], ...head.headers, ...head.cookies.map((cookie) => ["set-cookie", cookie])];
    const note = invocation.preludeSize
      ? `The prelude as it was sent: ${count(invocation.preludeSize - 8, "byte")} of JSON, then 8 NUL bytes`
      : "The JSON of the buffered response, without its body";
    this.head.replaceChildren(pairs("Response", rows), h("p", { class: "note muted" }, note),
      h("pre", { class: "code", tabindex: "0", "aria-label": "Prelude" }, pretty(head.text)));
  }

  #updateLogs() {
    const { invocation } = this;
    if (invocation.summary !== this.#summary) {
      this.#summary = invocation.summary;
      this.summary.replaceChildren(h("p", { class: "note muted" }, "Figures of the library, from its event “invocation ended”"),
        h("dl", { class: "figures small" }, invocation.summary.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)))));
    }
    const dropped = invocation.droppedLogs ? ` ${count(invocation.droppedLogs, "more line")} not kept.` : "";
    setText(this.logNote, invocation.logs.length ? dropped : "The function has written no line during this invocation.");
    this.logList.element.hidden = invocation.logs.length === 0;
    this.logList.update(invocation.logs.length, false, true);
  }

  #compared = "";
  #updateCompare() {
    if (document.activeElement === this.compare) return;
    const others = store.invocations.filter((other) => other !== this.invocation).slice(0, 30);
    const key = `${others[0]?.id} ${others.length}`;
    if (key === this.#compared) return;
    this.#compared = key;
    this.compare.disabled = others.length === 0;
    this.compare.replaceChildren(h("option", { value: "" }, "Compare with…"), ...others.map((other) =>
      h("option", { value: other.id }, `${other.number}: ${other.method} ${other.path.slice(0, 40)} (${timeOfDay(store.toDate(other.invokedAt))})`)));
  }
}
