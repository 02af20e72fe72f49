// Creates and updates elements.

// Creates an element. Properties that start with "on" are listeners, others are attributes; null and false are left out.
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function byId(id) {
  return document.getElementById(id);
}

// Sets the text only if it has changed, so that screen readers and the layout are not disturbed.
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function setAttribute(element, name, value) {
  if (value === null || value === false) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
}

// Tells screen readers about something that happened elsewhere on the page.
export function announce(text) {
  setText(byId("announcer"), text);
}

let lastTabs = 0;

// Returns a tab list. `tabs`: [{name, label, panel}]. `select(name)` is called for each change.
export function tabList(label, tabs, select) {
  const group = `tabs-${++lastTabs}`;
  const buttons = new Map();
  const list = h("div", { class: "tabs", role: "tablist", "aria-label": label });
  for (const { name, label: text, panel } of tabs) {
    const button = h("button", {
      type: "button", role: "tab", id: `${group}-${name}`, "data-tab": name, onclick: () => choose(name, true),
      "aria-controls": panel ? `${group}-${name}-panel` : null,
    }, text);
    if (panel) {
      panel.id = `${group}-${name}-panel`;
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", button.id);
    }
    buttons.set(name, { button, panel });
    list.append(button);
  }
  list.addEventListener("keydown", (event) => {
    const visible = [...buttons.values()].map(({ button }) => button).filter((button) => !button.hidden);
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = visible[(visible.indexOf(document.activeElement) + step + visible.length) % visible.length];
    next.focus();
    next.click();
  });
  function choose(name, isUser) {
    for (const [other, { button, panel }] of buttons) {
      const isSelected = other === name;
      setAttribute(button, "aria-selected", isSelected);
      button.tabIndex = isSelected ? 0 : -1;
      if (panel) panel.hidden = !isSelected;
    }
    select(name, isUser);
  }
  return { list, choose, button: (name) => buttons.get(name).button };
}
