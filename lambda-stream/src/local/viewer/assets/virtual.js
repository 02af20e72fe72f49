// A scrollable list that has elements only for its visible rows.

import { h, setAttribute } from "./dom.js";

const OVERSCAN = 6;

export class VirtualList {
  // `render(index)` returns the element of a row, which is `rowHeight` pixels high.
  constructor({ label, rowHeight, render, className = "" }) {
    this.rowHeight = rowHeight;
    this.render = render;
    this.count = 0;
    this.first = 0;
    this.last = 0;
    this.spacer = h("div", { class: "virtual-rows" });
    this.element = h("div", { class: `virtual ${className}`, tabindex: "0", role: "region", "aria-label": label }, this.spacer);
    this.element.addEventListener("scroll", () => this.draw(), { passive: true });
    new ResizeObserver(() => this.draw()).observe(this.element);
  }

  // Sets the number of rows. `isChanged`: rows that exist have changed too.
  update(count, isChanged, followsEnd) {
    const { scrollTop, scrollHeight, clientHeight } = this.element;
    const wasAtEnd = scrollTop + clientHeight >= scrollHeight - 2 * this.rowHeight;
    if (count !== this.count) {
      this.count = count;
      this.spacer.style.height = `${count * this.rowHeight}px`;
    }
    if (followsEnd && wasAtEnd) this.element.scrollTop = this.element.scrollHeight;
    this.draw(isChanged || this.last >= this.drawnCount);
    setAttribute(this.element, "data-rows", count);
    // The element is not higher than its rows.
    this.element.style.setProperty("--rows", count);
  }

  draw(isChanged = false) {
    const height = this.element.clientHeight;
    if (!height) return;
    const first = Math.max(0, Math.floor(this.element.scrollTop / this.rowHeight) - OVERSCAN);
    const last = Math.min(this.count, Math.ceil((this.element.scrollTop + height) / this.rowHeight) + OVERSCAN);
    if (!isChanged && first === this.first && last === this.last) return;
    this.first = first;
    this.last = last;
    this.drawnCount = this.count;
    const rows = [];
    for (let index = first; index < last; index++) {
      const row = this.render(index);
      row.style.top = `${index * this.rowHeight}px`;
      rows.push(row);
    }
    this.spacer.replaceChildren(...rows);
  }
}
