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
    // Known from events, because reading them in each frame would compute the layout twice.
    this.height = 0;
    this.scrollTop = 0;
    this.element.addEventListener("scroll", () => {
      this.scrollTop = this.element.scrollTop;
      this.draw();
    }, { passive: true });
    new ResizeObserver(() => {
      this.height = this.element.clientHeight;
      this.draw();
    }).observe(this.element);
  }

  // Sets the number of rows. `isChanged`: rows that exist have changed too.
  update(count, isChanged, followsEnd) {
    const wasAtEnd = this.scrollTop + this.height >= (this.count - 2) * this.rowHeight;
    if (count !== this.count) {
      this.count = count;
      this.spacer.style.height = `${count * this.rowHeight}px`;
    }
    if (followsEnd && wasAtEnd && count * this.rowHeight > this.height && this.height) {
      // The browser limits it to the last position.
      this.element.scrollTop = count * this.rowHeight;
      this.scrollTop = count * this.rowHeight - this.height;
    }
    this.draw(isChanged || this.last >= this.drawnCount);
    setAttribute(this.element, "data-rows", count);
    // The element is not higher than its rows.
    this.element.style.setProperty("--rows", count);
  }

  draw(isChanged = false) {
    // The height is not known before the first layout.
    const height = this.height || 300;
    const first = Math.max(0, Math.min(this.count, Math.floor(this.scrollTop / this.rowHeight)) - OVERSCAN);
    const last = Math.min(this.count, Math.ceil((this.scrollTop + height) / this.rowHeight) + OVERSCAN);
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
