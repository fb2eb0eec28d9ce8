// Elements, made node by node: nothing here takes markup.

// h("p", { class: "x", onclick }, "text", child): null children are left out.
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value") element.value = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  add(element, children);
  return element;
}

export function add(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child);
  }
  return element;
}

export function replace(element, ...children) {
  element.replaceChildren();
  return add(element, children);
}

export const button = (text, onclick, properties = {}) => h("button", { type: "button", onclick, ...properties }, text);

let last = 0;
export const freshId = (prefix) => `${prefix}-${++last}`;

// A control with its label.
export function field(label, control, hint) {
  control.id ||= freshId("field");
  return h("div", { class: "field" }, h("label", { for: control.id }, label), control, hint && h("small", {}, hint));
}

export function time(millis, long = false) {
  const at = new Date(millis);
  const iso = at.toISOString();
  return h("time", { datetime: iso, title: iso }, long ? iso.replace("T", " ").slice(0, 19) : iso.slice(11, 19));
}

// What went wrong, where screen readers hear it, until it is dismissed or eight seconds have passed.
export function notice(text, kind = "bad") {
  const box = document.getElementById("notices");
  const entry = h("p", { class: `notice ${kind}` }, text, " ");
  entry.append(button("Dismiss", () => entry.remove()));
  box.append(entry);
  if (kind !== "bad") setTimeout(() => entry.remove(), 8000);
  while (box.children.length > 4) box.firstChild.remove();
}

// Runs what a button does, and tells of its failure.
export function attempt(work) {
  return async (event) => {
    try {
      return await work(event);
    } catch (error) {
      notice(error.message);
    }
  };
}

// A dialog with a form: gives its fields when it is sent, null when it is given up.
export function ask(title, fields, send = "OK") {
  return new Promise((done) => {
    const id = freshId("dialog");
    const dialog = h("dialog", { "aria-labelledby": id });
    let result = null;
    const form = h("form", { method: "dialog", onsubmit: () => (result = true) },
      h("h2", { id }, title), fields,
      h("div", { class: "buttons" }, h("button", { class: "primary", type: "submit" }, send), button("Cancel", () => dialog.close())));
    dialog.append(form);
    dialog.addEventListener("close", () => { dialog.remove(); done(result); });
    document.body.append(dialog);
    dialog.showModal();
  });
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    notice("Copied", "good");
  } catch {
    const box = h("textarea", { readonly: true, rows: 6, "aria-label": "To copy" }, text);
    setTimeout(() => box.select());
    await ask("Copy this", box);
  }
}

// A file that is given to whoever looks.
export function save(blob, name) {
  const address = URL.createObjectURL(blob);
  h("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}
