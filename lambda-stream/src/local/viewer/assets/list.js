// The table of invocations.

import { byId, h, setAttribute, setText } from "./dom.js";
import { count, duration, size, toText } from "./format.js";
import { store } from "./store.js";

const rows = new Map();

function createRow(invocation, open) {
  const cell = (className) => h("td", { role: "cell", class: className });
  const cells = {
    status: cell("status"), firstByte: cell("figure"), duration: cell("figure"), size: cell("figure"),
    chunks: cell("figure"), environment: cell("environment"),
  };
  const request = h("td", { role: "cell", class: "request" },
    h("a", { href: `#/invocation/${invocation.id}`, tabindex: "-1" },
      h("span", { class: "method" }, invocation.method), " ", h("span", { class: "path" }, invocation.path)),
    invocation.request ? null : h("span", { class: "preview" }, toText(invocation.event.subarray(0, 80)).replace(/\s+/g, " ")));
  const element = h("tr", { role: "row", tabindex: "-1", "data-id": invocation.id, onclick: (event) => {
    event.preventDefault();
    open(invocation.id);
  } }, request, ...Object.values(cells));
  return { element, cells, revision: -1 };
}

// Returns the text of the status and its class.
export function statusOf(invocation) {
  if (invocation.error) return [invocation.error.type || "error", "failed"];
  if (invocation.state === "waiting") return ["waiting", "running"];
  if (invocation.state === "running") return [invocation.status ? `${invocation.status} …` : "running", "running"];
  if (!invocation.hasStatus) return ["…", "running"];
  if (invocation.status === null) return ["disconnected", "muted"];
  const isRejected = invocation.status >= 400 && invocation.status < 500;
  return [String(invocation.status), isRejected ? "rejected" : invocation.state];
}

function updateRow(row, invocation, now) {
  if (row.revision === invocation.revision && !invocation.isRunning) return;
  row.revision = invocation.revision;
  const { cells, element } = row;
  const [status, className] = statusOf(invocation);
  setText(cells.status, status);
  setAttribute(cells.status, "class", `status ${className}`);
  setText(cells.firstByte, duration(invocation.firstByte));
  setText(cells.duration, duration(invocation.duration(now)));
  setText(cells.size, size(invocation.size));
  setText(cells.chunks, invocation.chunks.toLocaleString("en"));
  setAttribute(cells.chunks, "data-unit", invocation.chunks === 1 ? "chunk" : "chunks");
  const environment = invocation.environment === null ? "–" : `#${invocation.environment}${invocation.isCold ? " cold" : ""}`;
  setText(cells.environment, environment);
  setAttribute(element, "data-state", invocation.state);
}

// Updates the table. `selected` and `compared` are request ids.
export function renderList(selected, compared, open) {
  const body = byId("rows");
  const { invocations } = store;
  const now = store.now();
  const current = new Set(invocations.map((invocation) => invocation.id));
  for (const [id, row] of rows) {
    if (!current.has(id)) {
      row.element.remove();
      rows.delete(id);
    }
  }
  // Oldest first, so that each new row goes before the rows that exist.
  for (let index = invocations.length - 1; index >= 0; index--) {
    const invocation = invocations[index];
    let row = rows.get(invocation.id);
    if (!row) {
      row = createRow(invocation, open);
      rows.set(invocation.id, row);
      body.prepend(row.element);
    }
    updateRow(row, invocation, now);
    const isSelected = invocation.id === selected || invocation.id === compared;
    setAttribute(row.element, "aria-current", isSelected ? "true" : null);
    // One row is in the tab order.
    const isInTabOrder = selected && current.has(selected) ? invocation.id === selected : index === 0;
    if (row.element.tabIndex !== (isInTabOrder ? 0 : -1)) row.element.tabIndex = isInTabOrder ? 0 : -1;
  }
  setText(byId("list-count"), invocations.length ? count(invocations.length, "invocation") : "");
  byId("invocations").hidden = invocations.length === 0;
}

// Focuses the row that is `step` rows from `id`. Returns its request id.
export function moveFocus(id, step) {
  const { invocations } = store;
  const index = invocations.findIndex((invocation) => invocation.id === id);
  const next = invocations[index < 0 ? 0 : Math.min(invocations.length - 1, Math.max(0, index + step))];
  const element = next && rows.get(next.id)?.element;
  element?.focus();
  element?.scrollIntoView({ block: "nearest" });
  return next?.id ?? null;
}
