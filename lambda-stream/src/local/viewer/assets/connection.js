// Reads the event stream of the server, and sends events to the function.

import { store } from "./store.js";

const RETRY_INTERVAL = 2000;

// Opens the event stream. `onChange` is called for each batch of records, `onState` with "open", "lost" or "paused".
export function connect(onChange, onState) {
  let source = null;
  let lastId = "";
  const open = () => {
    source?.close();
    // After the first message, the browser sends the last id itself when it reconnects.
    source = new EventSource(`events?after=${lastId}`);
    source.addEventListener("hello", ({ data }) => {
      store.hello(JSON.parse(data));
      onState("open");
      onChange();
    });
    source.addEventListener("message", ({ data, lastEventId }) => {
      lastId = lastEventId;
      store.apply(JSON.parse(data));
      onChange();
    });
    source.addEventListener("error", ({ target }) => {
      onState("lost");
      // The browser does not reconnect if the server has refused the stream.
      if (target.readyState === EventSource.CLOSED) setTimeout(() => target === source && open(), RETRY_INTERVAL);
    });
  };
  // Browsers open at most six connections to a server: hidden pages leave them to others, and catch up later.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      source.close();
      onState("paused");
    } else {
      open();
    }
  });
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
