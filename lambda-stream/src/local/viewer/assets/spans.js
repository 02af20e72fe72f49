// The spans that the function exported during an invocation, as a tree in the order of their start.

import { h } from "./dom.js";
import { duration } from "./format.js";

// Returns the spans with their depth, parents before their children.
function tree(spans) {
  const byParent = new Map();
  const ids = new Set(spans.map((span) => span.span));
  for (const span of [...spans].sort((a, b) => a.start - b.start)) {
    const parent = ids.has(span.parent) ? span.parent : "";
    byParent.set(parent, [...(byParent.get(parent) ?? []), span]);
  }
  const ordered = [];
  const seen = new Set();
  const add = (parent, depth) => {
    for (const span of byParent.get(parent) ?? []) {
      if (seen.has(span.span)) continue;
      seen.add(span.span);
      ordered.push({ ...span, depth });
      add(span.span, depth + 1);
    }
  };
  add("", 0);
  return ordered;
}

function row(span, first, total) {
  const percent = (time) => `${Math.min(100, Math.max(0, (100 * time) / total)).toFixed(2)}%`;
  const bar = h("span", { class: "span-bar" });
  bar.style.setProperty("margin-left", percent(span.start - first));
  bar.style.setProperty("width", percent(span.duration));
  const name = h("span", { class: "span-name" }, span.name);
  name.style.setProperty("padding-left", `${Math.min(span.depth, 12) * 14}px`);
  return h("tr", { class: span.error === null ? "" : "invalid" },
    h("th", { scope: "row" }, name, span.error === null ? null : h("span", { class: "span-error" }, span.error || "error")),
    h("td", {}, bar, h("span", { class: "span-time" }, `${duration(span.duration)} at ${duration(span.start - first)}`),
      h("span", { class: "span-attributes" }, span.attributes.map(([key, value]) => `${key}=${value}`).join("  "))));
}

// Returns the table of the spans, or how to get them if there are none.
export function spanTable(spans) {
  if (!spans.length) {
    return h("p", { class: "note muted" },
      "The function has exported no span during this invocation. A function that is built with the feature “otel” exports them to this page, unless a variable OTEL_… is set.");
  }
  const ordered = tree(spans);
  const first = Math.min(...spans.map((span) => span.start));
  const total = Math.max(...spans.map((span) => span.start + span.duration)) - first || 1;
  return h("table", { class: "pairs spans" }, h("caption", {}, "Spans, with their duration and start after the first one"),
    h("tbody", {}, ordered.map((span) => row(span, first, total))));
}
