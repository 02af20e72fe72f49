// The form that sends an HTTP request or an event to the function.

import { invoke, samples } from "./connection.js";
import { h, setAttribute, setText, tabList } from "./dom.js";
import { toText } from "./format.js";
import { jsonError } from "./json.js";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

// Returns the headers of a text with one `Name: value` a line.
function parseHeaders(text) {
  return text.split("\n").filter((line) => line.trim()).map((line) => {
    const colon = line.indexOf(":");
    if (colon < 1) throw new Error(`the header line “${line}” has no name: write \`Name: value\``);
    return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
  });
}

function field(label, control, className = "") {
  return h("label", { class: `field ${className}` }, h("span", {}, label), control);
}

export class Compose {
  #kind = "http";

  // `sent(id)` is called with the request id of each invocation.
  constructor(sent) {
    this.sent = sent;
    this.method = h("select", { id: "method" }, METHODS.map((method) => h("option", {}, method)));
    this.path = h("input", { id: "path", type: "text", value: "/", spellcheck: "false", autocomplete: "off", autocapitalize: "off" });
    this.headers = h("textarea", { id: "headers", rows: "3", spellcheck: "false", placeholder: "content-type: application/json" });
    this.body = h("textarea", { id: "body", rows: "8", spellcheck: "false" });
    this.sample = h("select", { id: "sample" }, h("option", { value: "" }, "Choose a source…"));
    this.event = h("textarea", { id: "event", rows: "16", spellcheck: "false", "aria-describedby": "event-error", oninput: () => this.#validate() }, "{}");
    this.eventError = h("p", { id: "event-error", class: "validation", role: "status" });
    this.error = h("p", { class: "form-error", role: "alert" });
    const http = h("div", { class: "fields" },
      h("div", { class: "line" }, field("Method", this.method, "narrow"), field("Path and query", this.path, "wide")),
      field("Headers", this.headers), field("Body", this.body),
      h("p", { class: "note muted" }, "The function receives the event of a Function URL."));
    const event = h("div", { class: "fields" },
      field("Sample", this.sample), field("Event", this.event), this.eventError);
    this.tabs = tabList("Kind", [
      { name: "http", label: "HTTP request", panel: http },
      { name: "event", label: "Event", panel: event },
    ], (kind) => {
      this.#kind = kind;
      setText(this.error, "");
    });
    this.button = h("button", { type: "submit", class: "button primary", id: "submit" }, "Send");
    const form = h("form", { class: "compose", onsubmit: (submit) => {
      submit.preventDefault();
      this.#send();
    } }, this.tabs.list, http, event, this.error, h("p", { class: "actions" }, this.button, h("span", { class: "muted hint" }, h("kbd", {}, "Ctrl"), " ", h("kbd", {}, "Enter"))));
    form.addEventListener("keydown", (key) => {
      if (key.key === "Enter" && (key.ctrlKey || key.metaKey)) form.requestSubmit();
    });
    this.element = h("article", {}, h("header", {}, h("a", { href: "#/", class: "back" }, "← Invocations"), h("h2", {}, "Send a request")), form);
    this.tabs.choose("http");
    this.sample.addEventListener("change", () => this.#useSample());
    this.#loadSamples();
  }

  async #loadSamples() {
    this.samples = await samples().catch(() => []);
    this.sample.append(...this.samples.map(({ source }, index) => h("option", { value: String(index) }, source)));
  }

  #useSample() {
    const sample = this.samples[this.sample.value];
    if (sample) this.event.value = JSON.stringify(sample.event, null, 2);
    this.#validate();
  }

  // Fills the form with the request or the event of an invocation.
  fill(invocation) {
    const { request } = invocation;
    if (request && !request.isBase64) {
      this.method.value = request.method;
      this.path.value = request.url;
      this.headers.value = request.headers.map(([name, value]) => `${name}: ${value}`).join("\n");
      this.body.value = request.body;
      this.tabs.choose("http");
    } else {
      const text = toText(invocation.event);
      this.event.value = text.length < 100_000 && !jsonError(text) ? JSON.stringify(JSON.parse(text), null, 2) : text;
      this.tabs.choose("event");
    }
    this.#validate();
  }

  #validate() {
    const message = jsonError(this.event.value);
    setText(this.eventError, message ? `Not valid JSON: ${message}.` : "");
    setAttribute(this.event, "aria-invalid", message ? "true" : null);
    return !message;
  }

  async #send() {
    setText(this.error, "");
    if (this.#kind === "event" && !this.#validate()) {
      this.event.focus();
      return;
    }
    this.button.disabled = true;
    try {
      const order = this.#kind === "event" ? { event: this.event.value } : { http: {
        method: this.method.value, path: this.path.value, headers: parseHeaders(this.headers.value), body: this.body.value,
      } };
      this.sent(await invoke(order));
    } catch (error) {
      setText(this.error, `Failed to send: ${error.message}`);
    } finally {
      this.button.disabled = false;
    }
  }

  focus() {
    (this.#kind === "event" ? this.event : this.path).focus();
  }

  update() {}
}
