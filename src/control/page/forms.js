// Symphony Elements: forms that bots send, filled in and sent as a client does.

import { freshId, h } from "./dom.js";

// Makes a form that render.js built work, where something is to be done with it.
export function enliven(form, node, how) {
  const id = form.dataset.form;
  form.setAttribute("aria-label", `Form ${id}`);
  for (const place of form.querySelectorAll("[data-selector]")) fill(place, how);
  for (const control of form.querySelectorAll("input, select, textarea")) nameIt(control);
  form.append(h("p", { class: "form-error", role: "alert" }));
  const again = node.hasAttribute("data-multi-submit");
  const lock = (why) => {
    for (const control of form.querySelectorAll("input, select, textarea, button")) control.disabled = true;
    form.append(h("p", { class: "sent" }, why));
  };
  if (!how) return form;
  if (how.stale) lock("A newer version of the message took its place");
  else if (!again && how.submitted.includes(id)) lock("Sent");
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("click", async (event) => {
    const pressed = event.target.closest?.("button");
    if (!pressed || !form.contains(pressed) || pressed.closest(".ui-action")) return;
    event.preventDefault();
    if (pressed.dataset.type === "reset") {
      form.reset();
      clear(form);
      return;
    }
    if (pressed.dataset.type !== "action") return;
    clear(form);
    if (pressed.dataset.novalidate !== "true" && !valid(form)) return;
    try {
      await how.submit(id, pressed.dataset.name, values(form));
      if (!again) lock("Sent");
      else if (node.getAttribute("data-multi-submit") === "reset") form.reset();
    } catch (error) {
      complain(form, error.message);
    }
  });
  // Enter in a field presses the first button that sends the form, as browsers do.
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.localName !== "input" || event.target.closest(".selector")) return;
    event.preventDefault();
    form.querySelector('button[data-type="action"]:not(:disabled)')?.click();
  });
  return form;
}

// Every control has a name for those who do not see its label.
function nameIt(control) {
  const labelled = control.id && control.form?.querySelector(`label[for="${CSS.escape(control.id)}"]`);
  if (!labelled && !control.getAttribute("aria-label")) control.setAttribute("aria-label", control.placeholder || control.dataset.placeholder || control.dataset.name || "Value");
}

function fill(place, how) {
  const { selector: kind, name, placeholder, required, value } = place.dataset;
  const common = { "data-name": name, required: required === "true", "aria-label": placeholder || name };
  let control;
  if (kind === "date-selector") control = h("input", { type: "date", ...common });
  else if (kind === "timezone-picker") {
    let disabled = [];
    try { disabled = JSON.parse(place.dataset.disabled ?? "[]"); } catch { /* nothing is disabled */ }
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const zones = Intl.supportedValuesOf("timeZone").filter((zone) => !disabled.includes(zone));
    if (value && !zones.includes(value)) zones.unshift(value);
    control = h("select", common, h("option", { value: "" }, placeholder ?? ""), zones.map((zone) => h("option", { value: zone, selected: zone === (value || (value === "" ? "" : own)) }, zone)));
  } else {
    // Several people or rooms, by their names.
    const known = kind === "person-selector"
      ? (how?.people ?? []).map((person) => [person.username, `${person.displayName} (${person.username})`, String(person.id)])
      : (how?.streams ?? []).filter((stream) => stream.kind === "ROOM").map((stream) => [stream.streamId, stream.name]);
    control = h("select", { multiple: true, size: Math.min(4, Math.max(2, known.length)), ...common }, known.map(([sent, shown, id]) => h("option", { value: sent, selected: value?.includes(id ?? sent) }, shown)));
    control.dataset.several = "";
  }
  if (place.dataset.for) control.id = freshId("selector");
  const label = place.dataset.for && place.parentNode.querySelector?.(`label[for$="${CSS.escape(place.dataset.for)}"]`);
  if (label) label.setAttribute("for", control.id);
  place.append(control);
}

function controlsOf(form) {
  return [...form.querySelectorAll("input[data-name], select[data-name], textarea[data-name]")].filter((it) => !it.disabled);
}

// What is sent, by the names of the controls. What nobody chose is left out.
function values(form) {
  const sent = {};
  const boxes = {};
  for (const control of controlsOf(form)) {
    const { name } = control.dataset;
    if (control.type === "checkbox") (boxes[name] ??= []).push(control);
    else if (control.type === "radio") {
      if (control.checked) sent[name] = control.value;
    } else if (control.dataset.several !== undefined) {
      const chosen = [...control.selectedOptions].map((option) => option.value);
      if (chosen.length) sent[name] = chosen;
    } else if (control.multiple) sent[name] = [...control.selectedOptions].map((option) => option.value);
    else if (control.type === "date" || control.type === "time" || control.localName === "select") {
      if (control.value) sent[name] = control.type === "time" && control.value.length === 5 ? `${control.value}:00` : control.value;
    } else sent[name] = control.value;
  }
  for (const [name, all] of Object.entries(boxes)) {
    const checked = all.filter((box) => box.checked).map((box) => box.value);
    if (checked.length === 1) sent[name] = checked[0];
    else if (checked.length > 1 || all.some((box) => box.defaultChecked)) sent[name] = checked;
  }
  return sent;
}

// Whether a client would send it; what is wrong stands under the control.
function valid(form) {
  const complaints = controlsOf(form).map((control) => [control, fault(control)]).filter(([, why]) => why);
  for (const [control, why] of complaints) {
    const id = freshId("why");
    control.setAttribute("aria-invalid", "true");
    control.setAttribute("aria-describedby", id);
    control.after(h("span", { class: "why", id }, why));
  }
  if (complaints.length) {
    complain(form, complaints.length === 1 ? "One field needs another value" : `${complaints.length} fields need other values`);
    complaints[0][0].focus();
  }
  return complaints.length === 0;
}

function fault(control) {
  const text = control.value ?? "";
  const count = control.selectedOptions?.length ?? 0;
  if (control.required && (control.multiple ? count === 0 : text === "")) return "This field is required";
  if (control.multiple && count > 0) {
    const [least, most] = [Number(control.dataset.min ?? 0), Number(control.dataset.max ?? Infinity)];
    if (count < least || count > most) return `Choose ${least} to ${most} options`;
  }
  if (text === "" || !["text", "password", "textarea", "date", "time"].includes(control.type)) return null;
  const least = Number(control.getAttribute("minlength") ?? 0);
  if (text.length < least) return `At least ${least} characters`;
  const pattern = control.getAttribute("pattern");
  if (pattern) {
    let expression = null;
    try { expression = new RegExp(`^(?:${pattern})$`, "u"); } catch { /* one that browsers cannot read judges nothing */ }
    if (expression && !expression.test(text)) return control.dataset.patternErrorMessage || "The value has not the expected form";
  }
  if (control.validity.rangeUnderflow || control.validity.rangeOverflow) return `From ${control.min || "any"} to ${control.max || "any"}`;
  return control.validity.badInput ? "The value cannot be read" : null;
}

function complain(form, why) {
  form.querySelector(".form-error").textContent = why;
}

function clear(form) {
  complain(form, "");
  for (const why of form.querySelectorAll(".why")) why.remove();
  for (const control of form.querySelectorAll("[aria-invalid]")) {
    control.removeAttribute("aria-invalid");
    control.removeAttribute("aria-describedby");
  }
}
