// The time line of a response: each chunk placed by its time and sized by its bytes, and the rate below.

import { h, setAttribute, setText } from "./dom.js";
import { count, duration, size } from "./format.js";
import { store } from "./store.js";

// Lambda sends the first 6 MB as fast as they come, and the rest at 2 MB/s.
export const BURST = 6 * 1024 * 1024;
export const BANDWIDTH = 2 * 1024 * 1024;

const CHUNK_LANE = 84;
const RATE_LANE = 46;
const GAP = 22;
const AXIS = 20;
const HEIGHT = CHUNK_LANE + GAP + RATE_LANE + AXIS;
const MARGIN = 10;
const RATE_COLUMN = 4;
const SMOOTHING = 6;

let colors = null;

function readColors() {
  const style = getComputedStyle(document.documentElement);
  const color = (name) => style.getPropertyValue(name).trim();
  return {
    ink: color("--ink"), muted: color("--muted"), line: color("--line"), chunk: color("--accent"), fill: color("--accent-soft"),
    error: color("--error"), limit: color("--warn"), font: `11px ${style.getPropertyValue("--sans")}`,
  };
}
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => (colors = null));

// Returns the distance of axis labels: 1, 2 or 5 times a power of ten.
function step(range, count) {
  const rough = range / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((factor) => factor * power).find((value) => value >= rough);
}

// Returns the weighted averages over SMOOTHING columns to each side.
function smooth(columns) {
  const smoothed = new Float64Array(columns.length);
  const total = (SMOOTHING + 1) ** 2;
  for (let column = 0; column < columns.length; column++) {
    if (!columns[column]) continue;
    for (let offset = -SMOOTHING; offset <= SMOOTHING; offset++) {
      // At the edges, half of a chunk is outside of the axis.
      if (column + offset < 0 || column + offset >= columns.length) continue;
      smoothed[column + offset] += (columns[column] * (SMOOTHING + 1 - Math.abs(offset))) / total;
    }
  }
  return smoothed;
}

// Writes a text on what is drawn below it.
function label(context, text, x, y, color) {
  context.clearRect(x - 3, y - 10, context.measureText(text).width + 6, 14);
  context.fillStyle = color;
  context.fillText(text, x, y);
}

export class Timeline {
  #drawn = "";
  #selected = -1;

  // `range()` returns the length of the time axis in milliseconds, or undefined to fit the response.
  constructor(invocation, range = () => undefined) {
    this.invocation = invocation;
    this.range = range;
    this.canvas = h("canvas", { role: "img", height: HEIGHT });
    this.slider = h("input", {
      type: "range", min: "0", max: "0", value: "0", class: "chunk-slider", "aria-label": "Chunk",
      oninput: () => this.select(Number(this.slider.value) - 1),
    });
    this.readout = h("p", { class: "note muted readout" });
    this.limit = h("p", { class: "note muted" });
    this.element = h("div", { class: "timeline" }, this.canvas, this.slider,
      h("div", { class: "notes" }, this.readout, this.limit));
    this.canvas.addEventListener("pointermove", (event) => this.#hover(event.offsetX));
    this.canvas.addEventListener("pointerdown", (event) => this.#hover(event.offsetX));
    this.width = 0;
    new ResizeObserver(() => {
      this.width = this.element.clientWidth;
      this.update();
    }).observe(this.element);
  }

  #end() {
    const { invocation } = this;
    return this.range() ?? Math.max(1, invocation.duration(store.now()));
  }

  #hover(x) {
    const { times, invokedAt } = this.invocation;
    const width = this.canvas.clientWidth - 2 * MARGIN;
    const time = invokedAt + ((x - MARGIN) / width) * this.#end();
    let low = 0;
    let high = times.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (times[middle] < time) low = middle + 1;
      else high = middle;
    }
    if (low > 0 && time - times[low - 1] < times[low] - time) low--;
    if (times.length) this.select(low);
  }

  // Selects a chunk, or none with -1.
  select(index) {
    this.#selected = index;
    this.slider.value = String(index + 1);
    this.#describe();
    this.update();
  }

  #describe() {
    const { times, sizes, invokedAt, chunks } = this.invocation;
    const index = this.#selected;
    let text = "";
    if (index >= 0 && index < times.length) {
      const since = index ? ` · ${duration(times[index] - times[index - 1])} after the previous one` : "";
      text = `Chunk ${(index + 1).toLocaleString("en")} of ${chunks.toLocaleString("en")} · at ${duration(times[index] - invokedAt)}${since} · ${size(sizes[index])}`;
    } else if (chunks > 1) {
      const longest = this.#longestGap();
      text = `${count(chunks, "chunk")} · longest gap ${duration(longest)}`;
    } else {
      text = chunks ? "1 chunk" : this.invocation.isRunning ? "Waiting for the first chunk" : "No chunks";
    }
    setText(this.readout, text);
    setAttribute(this.slider, "aria-valuetext", text);
  }

  #gapCount = 0;
  #gap = 0;
  #longestGap() {
    const { times } = this.invocation;
    for (let index = Math.max(1, this.#gapCount); index < times.length; index++) {
      this.#gap = Math.max(this.#gap, times[index] - times[index - 1]);
    }
    this.#gapCount = times.length;
    return this.#gap;
  }

  update() {
    const { invocation, canvas } = this;
    const { width } = this;
    if (!width) return;
    const end = this.#end();
    const ratio = devicePixelRatio || 1;
    colors ??= readColors();
    const state = [invocation.revision, invocation.isRunning ? end : 0, width, ratio, colors.ink, this.#selected, end].join();
    if (state === this.#drawn) return;
    this.#drawn = state;
    if (canvas.width !== Math.round(width * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = HEIGHT * ratio;
      canvas.style.height = `${HEIGHT}px`;
    }
    this.slider.max = String(invocation.times.length);
    this.slider.disabled = invocation.times.length === 0;
    const context = canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, HEIGHT);
    context.font = colors.font;
    const plot = { context, left: MARGIN, width: width - 2 * MARGIN, end, x: (time) => MARGIN + (time / end) * (width - 2 * MARGIN) };
    this.#drawAxis(plot);
    this.#drawChunks(plot);
    const peak = this.#drawRate(plot);
    this.#drawMarks(plot);
    this.#describe();
    this.#describeLimit(peak);
    const error = invocation.error ? `, then the error ${invocation.error.type}` : "";
    setAttribute(canvas, "aria-label",
      `Time line: ${count(invocation.chunks, "chunk")}, ${size(invocation.size)}, first byte after ${duration(invocation.firstByte)}, ` +
      `${invocation.isRunning ? "still running" : `ended after ${duration(end)}`}${error}. The table of chunks has each time and size.`);
  }

  #drawAxis({ context, left, width, end, x }) {
    context.lineWidth = 1;
    context.textBaseline = "alphabetic";
    const interval = step(end, Math.max(3, Math.min(10, width / 90)));
    for (let time = 0; time <= end; time += interval) {
      const position = Math.round(x(time)) + 0.5;
      context.strokeStyle = colors.line;
      context.beginPath();
      context.moveTo(position, 0);
      context.lineTo(position, HEIGHT - AXIS);
      context.stroke();
      context.fillStyle = colors.muted;
      const text = time === 0 ? "0" : duration(time);
      const textWidth = context.measureText(text).width;
      context.fillText(text, Math.max(left, Math.min(left + width - textWidth, position - textWidth / 2)), HEIGHT - 4);
    }
    for (const y of [CHUNK_LANE, HEIGHT - AXIS]) {
      context.strokeStyle = colors.line;
      context.beginPath();
      context.moveTo(left, y + 0.5);
      context.lineTo(left + width, y + 0.5);
      context.stroke();
    }
  }

  // Draws one bar for each pixel column that has chunks: as high as its largest chunk.
  #drawChunks({ context, left, width, x }) {
    const { times, sizes, invokedAt } = this.invocation;
    if (!times.length) return;
    const columns = new Float64Array(Math.ceil(width) + 1);
    let largest = 1;
    for (let index = 0; index < times.length; index++) {
      const column = Math.max(0, Math.min(columns.length - 1, Math.floor(x(times[index] - invokedAt) - left)));
      if (sizes[index] > columns[column]) columns[column] = sizes[index];
      if (sizes[index] > largest) largest = sizes[index];
    }
    const bar = times.length > width / 4 ? 1 : times.length > width / 10 ? 2 : 3;
    context.fillStyle = colors.chunk;
    const top = 18;
    for (let column = 0; column < columns.length; column++) {
      if (!columns[column]) continue;
      const height = Math.max(3, Math.sqrt(columns[column] / largest) * (CHUNK_LANE - top));
      context.beginPath();
      context.roundRect(left + column - (bar - 1) / 2, CHUNK_LANE - height, bar, height, bar > 1 ? [bar / 2, bar / 2, 0, 0] : 0);
      context.fill();
    }
    if (this.#selected >= 0 && this.#selected < times.length) {
      const position = x(times[this.#selected] - invokedAt);
      const height = Math.max(3, Math.sqrt(sizes[this.#selected] / largest) * (CHUNK_LANE - top));
      context.fillStyle = colors.ink;
      context.fillRect(position - 1.5, CHUNK_LANE - height, 3, height);
      context.beginPath();
      context.arc(position, CHUNK_LANE - height - 5, 3, 0, 2 * Math.PI);
      context.fill();
    }
    const text = `chunks, up to ${size(largest)}`;
    label(context, text, left + width - context.measureText(text).width, 11, colors.muted);
  }

  // Draws the bytes per second. Returns the highest rate.
  #drawRate({ context, left, width, end, x }) {
    const { times, sizes, invokedAt } = this.invocation;
    const columns = new Float64Array(Math.max(1, Math.ceil(width / RATE_COLUMN)));
    let sent = 0;
    let burstEnds = null;
    for (let index = 0; index < times.length; index++) {
      const position = x(times[index] - invokedAt) - left;
      columns[Math.max(0, Math.min(columns.length - 1, Math.floor(position / RATE_COLUMN)))] += sizes[index];
      sent += sizes[index];
      if (burstEnds === null && sent > BURST) burstEnds = times[index] - invokedAt;
    }
    const seconds = (end / 1000) * (RATE_COLUMN / width);
    const rates = smooth(columns).map((bytes) => bytes / seconds);
    const peak = rates.reduce((highest, rate) => Math.max(highest, rate), 0);
    const base = HEIGHT - AXIS;
    const showsLimit = peak > BANDWIDTH / 8 || burstEnds !== null;
    const scale = Math.max(peak, showsLimit ? BANDWIDTH * 1.15 : 0, 1);
    const y = (rate) => base - (rate / scale) * RATE_LANE;
    if (peak) {
      context.beginPath();
      context.moveTo(left, base);
      for (let column = 0; column < rates.length; column++) {
        const center = Math.min(left + width, left + (column + 0.5) * RATE_COLUMN);
        context.lineTo(center, y(rates[column]));
      }
      context.lineTo(left + width, base);
      context.fillStyle = colors.fill;
      context.fill();
      context.strokeStyle = colors.chunk;
      context.lineWidth = 1.25;
      context.stroke();
    }
    if (peak) label(context, `rate, up to ${size(Math.round(peak))}/s`, left + 3, CHUNK_LANE + 15, colors.muted);
    if (showsLimit) {
      const limit = Math.round(y(BANDWIDTH)) + 0.5;
      context.strokeStyle = colors.limit;
      context.setLineDash([4, 3]);
      context.beginPath();
      context.moveTo(left, limit);
      context.lineTo(left + width, limit);
      context.stroke();
      context.setLineDash([]);
      const text = "Lambda: 2 MB/s";
      label(context, text, left + width - context.measureText(text).width, limit - 5, colors.limit);
      if (burstEnds !== null) {
        context.fillStyle = colors.limit;
        context.globalAlpha = 0.12;
        context.fillRect(x(burstEnds), limit, left + width - x(burstEnds), base - limit);
        context.globalAlpha = 1;
      }
    }
    return peak;
  }

  #drawMarks({ context, left, width, x }) {
    const { invocation } = this;
    const mark = (time, text, color, atEnd) => {
      const position = Math.max(left, Math.min(left + width - 1, Math.round(x(time)))) + 0.5;
      context.strokeStyle = color;
      context.lineWidth = 1;
      context.setLineDash([2, 3]);
      context.beginPath();
      context.moveTo(position, 0);
      context.lineTo(position, atEnd ? HEIGHT - AXIS : CHUNK_LANE);
      context.stroke();
      context.setLineDash([]);
      const textWidth = context.measureText(text).width;
      const fits = position + 5 + textWidth < left + width;
      label(context, text, fits && !atEnd ? position + 5 : Math.max(left, position - 5 - textWidth), atEnd ? CHUNK_LANE + 15 : 11, color);
    };
    if (invocation.firstByteAt !== null) mark(invocation.firstByte, `first byte ${duration(invocation.firstByte)}`, colors.ink, false);
    if (invocation.error) mark(invocation.endedAt - invocation.invokedAt, invocation.error.type, colors.error, true);
  }

  #describeLimit() {
    const { size: total } = this.invocation;
    let text;
    if (total > BURST) {
      const least = ((total - BURST) / BANDWIDTH) * 1000;
      text = `On Lambda at least ${duration(least)}: 6 MB at full speed, then 2 MB/s`;
    } else {
      const share = (total / BURST) * 100;
      text = `${share >= 1 ? Math.round(share) : share > 0.01 ? share.toFixed(2) : "< 0.01"} % of the 6 MB that Lambda sends at full speed`;
    }
    setText(this.limit, total ? text : "");
  }
}
