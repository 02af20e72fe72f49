// Starts the page: connects to the server, shows what the address names, and handles the keyboard.

import { copy } from "./code.js";
import { Comparison } from "./compare.js";
import { Compose } from "./compose.js";
import { connect, invoke } from "./connection.js";
import { Detail } from "./detail.js";
import { announce, byId, h, setAttribute, setText } from "./dom.js";
import { Environments } from "./environments.js";
import { duration, toText } from "./format.js";
import { moveFocus, renderList, statusOf } from "./list.js";
import { store } from "./store.js";

const wide = matchMedia("(min-width: 820px)");
// The time between updates while an invocation runs, and how long a message is shown, in milliseconds.
const RUNNING_INTERVAL = 50;
const NOTICE_TIME = 8000;

let isScheduled = false;
let timer = 0;
let view = null;
let viewKey = "";
let compose = null;
let environments = null;

// What the address names: {name, ids}.
function route() {
  const [name = "", ...ids] = location.hash.replace(/^#\/?/, "").split("/");
  return { name, ids };
}

function go(path) {
  location.hash = `#/${path}`;
}

const actions = {
  resend: (invocation) => sendAgain(invocation),
  edit: (invocation) => {
    composeView().fill(invocation);
    go("send");
  },
  compare: (first, second) => go(`compare/${first}/${second}`),
};

async function sendAgain(invocation) {
  try {
    go(`invocation/${await invoke({ event: toText(invocation.event) })}`);
  } catch (error) {
    showNotice(`Failed to send: ${error.message}`);
  }
}

function composeView() {
  compose ??= new Compose((id) => go(`invocation/${id}`));
  return compose;
}

// The view when nothing has been invoked.
function emptyView() {
  const command = `curl -N ${location.origin}/`;
  const button = h("button", { type: "button", class: "button", onclick: async () => {
    await copy(command);
    setText(button, "Copied");
  } }, "Copy");
  return {
    element: h("article", { class: "empty" },
      h("h2", {}, "Waiting for the first request"),
      h("p", {}, "Call the function, and its response appears here while it streams:"),
      h("p", { class: "command" }, h("code", {}, command), button),
      h("p", {}, "Or ", h("a", { href: "#/send" }, "send a request or an event"), " from this page, such as a sample of SQS, S3 or EventBridge."),
      h("p", { class: "muted" }, "Press ", h("kbd", {}, "n"), " to send a request, ", h("kbd", {}, "?"), " for all keys.")),
    update() {},
  };
}

function missingView() {
  return {
    element: h("article", { class: "empty" }, h("h2", {}, "This invocation is not available"),
      h("p", {}, "The viewer keeps the last 200 invocations, until the function is started again. ", h("a", { href: "#/" }, "Show the newest"), ".")),
    update() {},
  };
}

// Returns the key of the view that the address names, and how to create it.
function wantedView() {
  const { name, ids } = route();
  const [first, second] = ids.map((id) => store.get(id));
  switch (name) {
    case "send":
      return ["send", composeView];
    case "environments":
      return ["environments", () => (environments ??= new Environments())];
    case "compare":
      return first && second ? [`compare ${ids}`, () => new Comparison(first, second)] : [`missing ${ids}`, missingView];
    case "invocation":
      return first ? [`invocation ${ids}`, () => new Detail(first, actions)] : [`missing ${ids}`, missingView];
    default: {
      const newest = store.invocations[0];
      return newest ? [`invocation ${newest.id}`, () => new Detail(newest, actions)] : ["empty", emptyView];
    }
  }
}

// Returns the selected request ids.
function selection() {
  const { name, ids } = route();
  if (name === "invocation" || name === "compare") return ids;
  return name === "" && wide.matches && store.invocations.length ? [store.invocations[0].id] : [];
}

function render() {
  const { name } = route();
  const [key, create] = wantedView();
  if (key !== viewKey) {
    const hadFocus = byId("detail").contains(document.activeElement);
    viewKey = key;
    view = create();
    byId("detail").replaceChildren(view.element);
    byId("detail").scrollTop = 0;
    if (hadFocus) byId("detail").focus({ preventScroll: true });
    if (key === "send") compose.focus();
  }
  setAttribute(document.body, "data-pane", name === "" && store.invocations.length ? "list" : "detail");
  const [selected = null, compared = null] = selection();
  renderList(selected, compared, (id) => go(`invocation/${id}`));
  view.update();
  const { server } = store;
  if (server.function) {
    setText(byId("function"), server.function);
    document.title = `${server.function} · lambda-stream`;
  }
  announceChanges();
}

// Tells screen readers about new and ended invocations, in one sentence for each frame.
let announced = new Map();
function announceChanges() {
  const states = new Map();
  const texts = [];
  for (const invocation of store.invocations.slice(0, 20)) {
    const state = invocation.isRunning ? "new" : "ended";
    states.set(invocation.id, state);
    if (announced.get(invocation.id) === state || invocation.number <= announcedBefore) continue;
    texts.push(state === "new" ? `New invocation: ${invocation.method} ${invocation.path}`
      : `${invocation.method} ${invocation.path} ended: ${statusOf(invocation)[0]}, ${duration(invocation.duration())}`);
  }
  if (texts.length) announce(texts.slice(0, 3).join(". "));
  announced = states;
}
let announcedBefore = 0;

function schedule() {
  if (isScheduled) return;
  isScheduled = true;
  requestAnimationFrame(() => {
    isScheduled = false;
    render();
    // Durations of running invocations change without a record.
    clearTimeout(timer);
    if (store.invocations.some((invocation) => invocation.isRunning)) timer = setTimeout(schedule, RUNNING_INTERVAL);
  });
}

let connectionState = "connecting";

// Shows a message for a while in place of the state of the connection.
function showNotice(text) {
  setText(byId("connection"), text);
  setAttribute(byId("connection"), "data-state", "lost");
  setTimeout(() => showConnection(connectionState), NOTICE_TIME);
}

function showConnection(state) {
  connectionState = state;
  const texts = { open: "Live", lost: "Connection lost. Reconnecting…", paused: "Paused" };
  setText(byId("connection"), texts[state]);
  setAttribute(byId("connection"), "data-state", state);
}

const keys = {
  j: () => move(1),
  ArrowDown: () => move(1),
  k: () => move(-1),
  ArrowUp: () => move(-1),
  n: () => go("send"),
  e: () => go("environments"),
  r: () => withSelected((invocation) => sendAgain(invocation)),
  c: () => withSelected((invocation) => {
    const before = store.invocations[store.invocations.indexOf(invocation) + 1];
    if (before) go(`compare/${before.id}/${invocation.id}`);
  }),
  "?": () => byId("help").showModal(),
  Escape: () => {
    go("");
    moveFocus(store.invocations[0]?.id, 0);
  },
};

function withSelected(action) {
  const id = document.activeElement?.dataset?.id ?? selection().at(-1);
  const invocation = store.get(id);
  if (invocation) action(invocation);
}

function move(step) {
  const focused = document.activeElement?.dataset?.id;
  const id = moveFocus(focused ?? selection()[0] ?? null, focused ? step : step);
  if (id && wide.matches) go(`invocation/${id}`);
}

document.addEventListener("keydown", (event) => {
  const { target, key } = event;
  if (document.querySelector("dialog[open]") || event.ctrlKey || event.metaKey || event.altKey) return;
  const row = target.closest?.("tr[data-id]");
  if (row && key === "Enter") {
    event.preventDefault();
    go(`invocation/${row.dataset.id}`);
    byId("detail").focus({ preventScroll: true });
    return;
  }
  const isEditing = target.closest?.("input, textarea, select");
  if (isEditing && key === "Escape") target.blur();
  if (isEditing) return;
  // The arrow keys scroll lists and change tabs elsewhere.
  if (key.startsWith("Arrow") && !row && target !== document.body) return;
  const action = keys[key];
  if (!action) return;
  event.preventDefault();
  action();
});

byId("help-button").addEventListener("click", () => byId("help").showModal());
byId("code-copy").addEventListener("click", async () => {
  const field = byId("code-text");
  await copy(field.value, field);
  setText(byId("code-copy"), "Copied");
});
byId("code").addEventListener("close", () => setText(byId("code-copy"), "Copy"));
addEventListener("hashchange", schedule);
wide.addEventListener("change", schedule);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", schedule);

let isFirstBatch = true;
connect(() => {
  if (isFirstBatch && store.invocations.length) {
    // What has happened before the page was opened is not announced.
    announcedBefore = store.invocations[0].number;
    isFirstBatch = false;
  }
  schedule();
}, showConnection);
schedule();
