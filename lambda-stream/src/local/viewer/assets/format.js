// Formats figures, and decodes bytes.

// Formats a duration in milliseconds with three significant digits.
export function duration(milliseconds) {
  if (milliseconds === null || milliseconds === undefined) return "–";
  if (milliseconds < 1) return `${Math.max(0, milliseconds).toFixed(2)} ms`;
  if (milliseconds < 10) return `${milliseconds.toFixed(1)} ms`;
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 10_000) return `${(milliseconds / 1000).toFixed(2)} s`;
  if (milliseconds < 100_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  return `${Math.round(milliseconds / 1000)} s`;
}

// Formats a size. Lambda's limits count in powers of 1024.
export function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  for (const [unit, factor] of [["KB", 1024], ["MB", 1024 ** 2], ["GB", 1024 ** 3]]) {
    const value = bytes / factor;
    if (value < 10) return `${value.toFixed(2)} ${unit}`;
    if (value < 100) return `${value.toFixed(1)} ${unit}`;
    if (value < 1024) return `${Math.round(value)} ${unit}`;
  }
  return `${Math.round(bytes / 1024 ** 3)} GB`;
}

export function count(number, noun) {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}

const clock = new Intl.DateTimeFormat("en", { hourCycle: "h23", hour: "2-digit", minute: "2-digit", second: "2-digit" });

// Formats a time since the Unix epoch, in milliseconds, as the local time of day.
export function timeOfDay(time) {
  return clock.format(time);
}

export function fromBase64(text) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < binary.length; index++) bytes[index] = binary.charCodeAt(index);
  return bytes;
}

export function toText(bytes) {
  return new TextDecoder().decode(bytes);
}

// Returns the value of a JSON text, or undefined.
export function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

// Returns whether the bytes look like text: UTF-8 without control characters other than white space.
export function isText(bytes) {
  for (const byte of bytes) {
    if (byte < 9 || (byte > 13 && byte < 32 && byte !== 27)) return false;
  }
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

// Removes the escape sequences with which programs color their lines.
export function plain(line) {
  return line.replace(/\u001b\[[0-9;]*[A-Za-z]/g, "");
}
