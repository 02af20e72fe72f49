// The execution environments: processes of the function.

import { h, setText } from "./dom.js";
import { count, duration, timeOfDay } from "./format.js";
import { store } from "./store.js";
import { VirtualList } from "./virtual.js";

export class Environments {
  #revision = -1;

  constructor() {
    this.note = h("p", { class: "muted" });
    this.rows = h("tbody", {});
    this.lines = new VirtualList({ label: "Log lines outside of invocations", rowHeight: 20, className: "code lines", render: (index) => this.#line(index) });
    this.linesTitle = h("h3", {}, "Lines outside of invocations");
    this.element = h("article", { class: "environments" },
      h("header", {}, h("a", { href: "#/", class: "back" }, "← Invocations"), h("h2", {}, "Environments"), this.note),
      h("div", { class: "scroll-x" }, h("table", { class: "plain" },
        h("thead", {}, h("tr", {}, ["", "State", "Process", "Build", "Started", "Init", "Invocations"].map((title) => h("th", { scope: "col" }, title)))),
        this.rows)),
      this.linesTitle, this.lines.element);
  }

  #line(index) {
    const { time, line, level, environment } = store.otherLines[index];
    return h("div", { class: `row ${level}` },
      h("span", { class: "gutter" }, `#${environment} · ${timeOfDay(store.toDate(time))}`), h("span", { class: "text" }, line));
  }

  update() {
    if (this.#revision === store.revision) return;
    this.#revision = store.revision;
    const busy = new Set(store.invocations.filter((invocation) => invocation.completedAt === null).map((invocation) => invocation.environment));
    const environments = [...store.environments.values()].reverse();
    const running = environments.filter(({ stoppedAt }) => stoppedAt === null);
    const limit = store.server.environments;
    setText(this.note, limit === null ? "The function runs in the process of local mode (--in-process)."
      : `${count(running.length, "process").replace("processs", "processes")} of at most ${limit}, each with one invocation at a time. Build ${store.build} is the newest.`);
    this.rows.replaceChildren(...environments.map((environment) => {
      const { number, process, build, startedAt, init, stoppedAt, reason, invocations } = environment;
      const state = stoppedAt !== null ? "stopped" : busy.has(number) ? "busy" : init === null ? "starting" : "idle";
      return h("tr", { "data-state": state },
        h("th", { scope: "row" }, `#${number}`), h("td", { class: `state ${state}` }, state, reason ? h("span", { class: "muted reason" }, reason) : null),
        h("td", {}, process ? String(process) : "–"), h("td", {}, String(build)), h("td", {}, timeOfDay(store.toDate(startedAt))),
        h("td", {}, duration(init)), h("td", {}, invocations.toLocaleString("en")));
    }));
    const hasLines = store.otherLines.length > 0;
    this.linesTitle.hidden = this.lines.element.hidden = !hasLines;
    this.lines.update(store.otherLines.length, true, true);
  }
}
