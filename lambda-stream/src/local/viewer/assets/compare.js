// Two invocations side by side: their figures, their time lines on one scale, their headers and bodies.

import { BodyView } from "./body.js";
import { errorBox } from "./detail.js";
import { h, setAttribute, setText } from "./dom.js";
import { duration, size, timeOfDay } from "./format.js";
import { statusOf } from "./list.js";
import { store } from "./store.js";
import { Timeline } from "./timeline.js";

const FIGURES = [
  ["First byte", (invocation) => invocation.firstByte, duration],
  ["Duration", (invocation, now) => invocation.duration(now), duration],
  ["Size", (invocation) => invocation.size, size],
  ["Chunks", (invocation) => invocation.chunks, (value) => value.toLocaleString("en")],
];

export class Comparison {
  #hasError = [false, false];
  #compared = "";

  constructor(first, second) {
    this.both = [first, second];
    const range = () => Math.max(1, ...this.both.map((invocation) => invocation.duration(store.now())));
    this.timelines = this.both.map((invocation) => new Timeline(invocation, range));
    this.bodies = this.both.map((invocation, index) => new BodyView(invocation, `Response body ${"AB"[index]}`));
    this.errors = this.both.map(() => h("div", {}));
    this.statuses = this.both.map(() => h("td", {}));
    this.values = FIGURES.map(() => [h("td", {}), h("td", {}), h("td", {})]);
    this.difference = h("p", { class: "note" });
    const name = (invocation, letter) => h("th", { scope: "col" },
      h("a", { href: `#/invocation/${invocation.id}` }, `${letter}: ${invocation.method} ${invocation.path}`),
      h("span", { class: "muted" }, timeOfDay(store.toDate(invocation.invokedAt))));
    this.element = h("article", { class: "comparison" },
      h("header", {}, h("a", { href: "#/", class: "back" }, "← Invocations"), h("h2", {}, "Comparison")),
      h("table", { class: "figures-table" },
        h("thead", {}, h("tr", {}, h("td", {}), name(first, "A"), name(second, "B"), h("th", { scope: "col" }, "B − A"))),
        h("tbody", {}, h("tr", {}, h("th", { scope: "row" }, "Status"), ...this.statuses, h("td", {})),
          FIGURES.map(([label], index) => h("tr", {}, h("th", { scope: "row" }, label), ...this.values[index])))),
      this.difference,
      h("div", { class: "sides" }, this.both.map((invocation, index) => h("section", { "aria-label": `Invocation ${"AB"[index]}` },
        h("h3", {}, `${"AB"[index]} `, h("span", { class: "muted" }, invocation.path)), this.errors[index],
        this.timelines[index].element, this.bodies[index].element))));
  }

  update() {
    const now = store.now();
    this.both.forEach((invocation, index) => {
      const [status, className] = statusOf(invocation);
      setText(this.statuses[index], status);
      setAttribute(this.statuses[index], "class", `status ${className}`);
      if (invocation.error && !this.#hasError[index]) {
        this.#hasError[index] = true;
        this.errors[index].replaceChildren(errorBox(invocation.error));
      }
    });
    FIGURES.forEach(([, value, format], index) => {
      const [first, second] = this.both.map((invocation) => value(invocation, now));
      const cells = this.values[index];
      setText(cells[0], first === null ? "–" : format(first));
      setText(cells[1], second === null ? "–" : format(second));
      const difference = first === null || second === null ? null : second - first;
      setText(cells[2], difference === null ? "" : `${difference < 0 ? "−" : "+"}${format(Math.abs(difference))}`);
    });
    for (const view of [...this.timelines, ...this.bodies]) view.update();
    this.#compareBodies();
  }

  #compareBodies() {
    const [first, second] = this.both;
    const state = `${first.revision} ${second.revision}`;
    if (state === this.#compared) return;
    this.#compared = state;
    const [a, b] = this.both.map((invocation) => invocation.body.all());
    let index = 0;
    while (index < a.length && index < b.length && a[index] === b[index]) index++;
    const isEqual = index === a.length && index === b.length;
    const running = this.both.some((invocation) => invocation.isRunning) ? " so far" : "";
    setText(this.difference, isEqual ? `The bodies are equal${running}.` : `The bodies differ from byte ${index.toLocaleString("en")}.`);
  }
}
