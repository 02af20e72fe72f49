// Reads the event stream of the server, and sends events to the function.

import { store } from "./store.js";

let source = null;
let lastMessageAt = 0;

// Opens the event stream. `onChange` is called for each batch of records, `onState` with "open", "lost" or "full".
export function connect(onChange, onState) {
  const open = () => {
    source?.close();
    source = new EventSource("events");
    source.addEventListener("hello", ({ data }) => {
      store.hello(JSON.parse(data));
      onState("open");
      onChange();
    });
    source.addEventListener("message", ({ data }) => {
      lastMessageAt = performance.now();
      store.apply(JSON.parse(data));
      onChange();
    });
    source.addEventListener("error", () => {
      onState("lost");
      // The browser reconnects by itself unless the server has refused the stream.
      if (source.readyState === EventSource.CLOSED) setTimeout(open, 2000);
    });
  };
  open();
}

// Sends an event: {event: TEXT} or {http: REQUEST}. Returns the request id.
export async function invoke(order) {
  let response;
  try {
    response = await fetch("invoke", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Lambda-Stream-Viewer": "1" },
      body: JSON.stringify(order),
    });
  } catch {
    throw new Error("the function is not running: start it again with `cargo run`");
  }
  const result = await response.json();
  if (!response.ok) throw new Error(result.errorMessage ?? `status ${response.status}`);
  return result.id;
}

// Returns the sample events: [{source, event}].
export async function samples() {
  const response = await fetch("samples");
  return response.ok ? response.json() : [];
}
