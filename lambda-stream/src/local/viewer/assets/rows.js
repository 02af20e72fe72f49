// Splits a response body into rows, as text, hexadecimal, server-sent events or lines of JSON. Bodies arrive in parts, and
// each part is parsed once.

import { duration, parseJson } from "./format.js";

const BYTES_PER_ROW = 16;

// Splits a line into parts of at most `columns` characters.
function wrap(line, columns) {
  if (line.length <= columns) return [line];
  const parts = [];
  let rest = line;
  while (rest.length > columns) {
    // Breaks at a space in the last third, if there is one.
    const space = rest.lastIndexOf(" ", columns);
    const end = space > columns * 0.66 ? space + 1 : columns;
    parts.push(rest.slice(0, end));
    rest = rest.slice(end);
  }
  parts.push(rest);
  return parts;
}

// Rows: {gutter, meta, text, kind}.
class Rows {
  rows = [];
  #decoder = new TextDecoder();
  partial = "";
  // The number of rows that `partial` has at the end of `rows`.
  partialRows = 0;

  constructor(columns) {
    this.columns = columns;
  }

  get count() {
    return this.rows.length;
  }

  row(index) {
    return this.rows[index];
  }

  push(bytes, time) {
    this.rows.length -= this.partialRows;
    const lines = (this.partial + this.#decoder.decode(bytes, { stream: true })).split(/\r\n|\n/);
    this.partial = lines.pop();
    for (const line of lines) this.line(line, time);
    const before = this.rows.length;
    if (this.partial) this.unfinished(this.partial, time);
    this.partialRows = this.rows.length - before;
  }

  // `meta`: what comes before the text, less prominent.
  add(gutter, text, kind = "", meta = "") {
    const columns = Math.max(16, this.columns - meta.length - 2);
    wrap(text, columns).forEach((part, index) =>
      this.rows.push({ gutter: index ? "" : gutter, meta: index ? " ".repeat(meta.length) : meta, text: part, kind }));
  }
}

export class TextRows extends Rows {
  number = 0;

  line(line) {
    this.number++;
    this.add(String(this.number), line);
  }

  unfinished(line) {
    this.add(String(this.number + 1), line);
  }
}

// One block of rows for each line: its number, its time and its JSON.
export class JsonRows extends Rows {
  number = 0;

  line(line, time) {
    if (!line.trim()) return;
    this.number++;
    const isValid = parseJson(line) !== undefined;
    this.add(`${this.number} · ${duration(time)}`, line, isValid ? "" : "invalid");
  }

  unfinished(line, time) {
    this.add(`${this.number + 1} · ${duration(time)}`, line, "muted");
  }
}

// One row for each line of data of an event, with the number, the time and the other fields of the event.
export class SseRows extends Rows {
  number = 0;
  fields = [];
  data = [];

  line(line, time) {
    if (line === "") {
      this.finish(time);
    } else if (line.startsWith(":")) {
      this.add(duration(time), line, "muted");
    } else {
      const colon = line.indexOf(":");
      const name = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
      if (name === "data") this.data.push(value);
      else this.fields.push(`${name} ${value}`);
    }
  }

  finish(time) {
    if (!this.data.length && !this.fields.length) return;
    this.number++;
    const gutter = `${this.number} · ${duration(time)}`;
    const fields = this.fields.join(" · ");
    if (!this.data.length) this.add(gutter, "", "", fields);
    this.data.forEach((line, index) => this.add(index ? "" : gutter, line, "", index ? " ".repeat(fields.length) : fields));
    this.fields = [];
    this.data = [];
  }

  unfinished(line) {
    this.add("", line, "muted");
  }
}

export class HexRows {
  constructor() {
    this.bytes = new Uint8Array(0);
  }

  get count() {
    return Math.ceil(this.bytes.length / BYTES_PER_ROW);
  }

  set(bytes) {
    this.bytes = bytes;
  }

  row(index) {
    const bytes = [...this.bytes.subarray(index * BYTES_PER_ROW, (index + 1) * BYTES_PER_ROW)];
    const hex = bytes.map((byte, column) => byte.toString(16).padStart(2, "0") + (column === 7 ? " " : "")).join(" ");
    const ascii = bytes.map((byte) => (byte > 31 && byte < 127 ? String.fromCharCode(byte) : "·")).join("");
    return { gutter: (index * BYTES_PER_ROW).toString(16).padStart(6, "0"), text: `${hex.padEnd(50)}${ascii}`, kind: "" };
  }
}
