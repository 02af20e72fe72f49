// The view of a response body: text, hexadecimal, server-sent events or lines of JSON.

import { h, setAttribute, setText, tabList } from "./dom.js";
import { count, isText, size } from "./format.js";
import { HexRows, JsonRows, SseRows, TextRows } from "./rows.js";
import { VirtualList } from "./virtual.js";

const ROW_HEIGHT = 20;
// The time between updates while the body arrives, in milliseconds.
const RUNNING_INTERVAL = 80;
const KINDS = { text: TextRows, events: SseRows, rows: JsonRows };

// The bytes that decide whether a body is text.
const SAMPLE = 4096;

// Returns the format that suits the body.
function choose(invocation, sample) {
  const type = (invocation.type ?? "").split(";")[0].trim().toLowerCase();
  if (type === "text/event-stream") return "events";
  if (/ndjson|jsonl|json-seq|jsonlines/.test(type)) return "rows";
  return isText(sample) ? "text" : "hex";
}

export class BodyView {
  #kind = null;
  #chosen = null;
  #rows = null;
  #parsedChunks = 0;
  #parsedBytes = 0;
  #revision = -1;
  #suitable = null;
  #sampled = 0;
  #updatedAt = 0;

  constructor(invocation, label = "Response body") {
    this.invocation = invocation;
    this.note = h("p", { class: "note muted" });
    this.list = new VirtualList({ label, rowHeight: ROW_HEIGHT, className: "code", render: (index) => this.#renderRow(index) });
    this.tabs = tabList("Format of the body", [
      { name: "text", label: "Text" },
      { name: "events", label: "Events" },
      { name: "rows", label: "Rows" },
      { name: "hex", label: "Hex" },
    ], (name, isUser) => {
      if (isUser) this.#chosen = name;
      this.#reset(name);
      this.update();
    });
    this.tabs.list.classList.add("small");
    this.element = h("div", { class: "body-view" }, h("div", { class: "bar" }, this.tabs.list, this.note), this.list.element);
    new ResizeObserver(() => this.#resize()).observe(this.element);
  }

  // Returns how many characters fit in a row.
  #columns() {
    const width = this.list.element.clientWidth || 600;
    const gutter = this.list.element.querySelector(".gutter")?.clientWidth ?? 108;
    return Math.max(16, Math.floor((width - gutter - 20) / 7.6));
  }

  #resize() {
    if (this.#rows?.columns && this.#rows.columns !== this.#columns()) {
      this.#reset(this.#kind);
      this.update();
    }
  }

  #reset(kind) {
    this.#kind = kind;
    setAttribute(this.list.element, "data-format", kind);
    this.#parsedChunks = 0;
    this.#parsedBytes = 0;
    this.#revision = -1;
    this.#rows = kind === "hex" ? new HexRows() : new KINDS[kind](this.#columns());
  }

  update() {
    const { invocation } = this;
    if (this.#revision === invocation.revision || this.element.closest("[hidden]")) return;
    // Following the end of a body costs a layout.
    if (invocation.isRunning && this.#revision >= 0 && performance.now() - this.#updatedAt < RUNNING_INTERVAL) return;
    this.#updatedAt = performance.now();
    // The first bytes, and the content type, decide.
    if (this.#sampled < Math.min(SAMPLE, invocation.body.length) || !this.#suitable) {
      const sample = invocation.body.all().subarray(0, SAMPLE);
      this.#sampled = sample.length;
      this.#suitable = choose(invocation, sample);
    }
    const kind = this.#chosen ?? this.#suitable;
    if (kind !== this.#kind) {
      this.tabs.choose(kind, false);
      return;
    }
    this.#revision = invocation.revision;
    const before = this.#rows.count;
    const isParsed = this.#parse();
    this.list.update(this.#rows.count, isParsed || before !== this.#rows.count, invocation.isRunning);
    const type = invocation.type ?? "no content type";
    const missing = invocation.isBodyComplete ? "" : ` · first ${size(invocation.body.length)} kept`;
    setText(this.note, invocation.size || !invocation.isRunning ? `${type} · ${size(invocation.size)}${missing}` : "no bytes yet");
  }

  // Parses the new chunks. Returns whether there were any.
  #parse() {
    const { body, times, ends, invokedAt } = this.invocation;
    const bytes = body.all();
    if (this.#kind === "hex") {
      this.#rows.set(bytes);
      return true;
    }
    const before = this.#parsedBytes;
    // A buffered response is replaced by its decoded body.
    if (bytes.length < before) {
      this.#reset(this.#kind);
    }
    while (this.#parsedBytes < bytes.length) {
      const end = ends[this.#parsedChunks] ?? bytes.length;
      const time = (times[this.#parsedChunks] ?? times.at(-1) ?? invokedAt) - invokedAt;
      this.#rows.push(bytes.subarray(this.#parsedBytes, end), time);
      this.#parsedBytes = end;
      this.#parsedChunks++;
    }
    return this.#parsedBytes !== before;
  }

  #renderRow(index) {
    const { gutter, meta = "", text, kind } = this.#rows.row(index);
    return h("div", { class: `row ${kind}` }, h("span", { class: "gutter", "aria-hidden": "true" }, gutter),
      meta ? h("span", { class: "meta" }, meta) : null, h("span", { class: "text" }, text));
  }

  describe() {
    return count(this.#rows.count, "line");
  }
}
