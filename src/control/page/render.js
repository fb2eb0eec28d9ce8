// PresentationML as a client shows it. Whoever wrote it is trusted with nothing: it is parsed into a document that is never
// shown, and what is known of it is built anew, node by node. What is not in these tables is left out.

import { button, freshId, h } from "./dom.js";
import { enliven } from "./forms.js";

const PLAIN = new Set("p br hr b i u s strong em ul ol li table thead tbody tfoot tr td th h1 h2 h3 h4 h5 h6 span div pre code blockquote small sub sup".split(" "));
// Of these not even what is in them.
const GONE = new Set("script style iframe object embed template noscript svg math link meta base head title audio video frame frameset applet portal".split(" "));
const CLASSES = /^(?:card|cardHeader|cardBody|barStyle|entity|wysiwyg|label|badge|info-hint|[a-z]+-group|primary|secondary|primary-destructive|secondary-destructive|destructive|primary-link|tempo-[a-z0-9-]{1,60})$/;
// What a style may say, and how: nothing that loads, covers the page or leaves the message.
const STYLES = new Set(("color background-color background font-weight font-style font-size text-align text-decoration white-space width height max-width border " +
  "border-color border-width border-style border-radius border-left border-right border-top border-bottom border-collapse padding padding-left padding-right " +
  "padding-top padding-bottom margin margin-left margin-right margin-top margin-bottom line-height vertical-align display list-style-type opacity").split(" "));
const DISPLAYS = new Set(["block", "inline", "inline-block", "none", "table", "table-row", "table-cell", "list-item"]);

// `data` is the message's EntityJSON; `form` what is done with forms: { people, streams, submitted, submit, stale }. Without it
// they are shown, and do nothing.
export function render(presentationML, data = {}, form = null) {
  const shown = h("div", { class: "pml" });
  const context = { data: data ?? {}, form, prefix: freshId("m"), ids: new Set() };
  for (const child of parse(presentationML).childNodes) append(shown, child, context);
  return shown;
}

// It is XHTML, unless somebody wrote what nobody checks.
function parse(text) {
  const read = new DOMParser();
  const xml = read.parseFromString(`<div>${text.replaceAll("&nbsp;", "&#160;")}</div>`, "application/xml");
  return xml.querySelector("parsererror") ? read.parseFromString(text, "text/html").body : xml.documentElement;
}

function append(parent, node, context) {
  if (node.nodeType === Node.TEXT_NODE || node.nodeType === Node.CDATA_SECTION_NODE) {
    parent.append(node.data);
    return;
  }
  if (node.nodeType !== Node.ELEMENT_NODE) return;
  const made = make(node, context);
  if (made) parent.append(made);
}

function inside(made, node, context) {
  for (const child of node.childNodes) append(made, child, context);
  return made;
}

function make(node, context) {
  const name = node.localName.toLowerCase();
  const attribute = (name) => node.getAttribute(name);
  const classes = (attribute("class") ?? "").split(/\s+/);
  if (GONE.has(name)) return name === "audio" ? h("span", { class: "chime", role: "img", "aria-label": "Chime" }, "🔔") : null;
  if (classes.includes("expandable-card")) return expandable(node, context);
  if (classes.includes("ui-action")) return action(node, context);
  if (name === "dialog") return dialog(node, context);
  if (name === "a") return link(node, context);
  if (name === "img") return picture(attribute("src"), attribute("alt"));
  if (name === "time") return inside(h("time", { datetime: attribute("datetime") }), node, context);
  if (name === "form") return enliven(inside(h("form", { "data-form": attribute("id") ?? "", novalidate: true }), node, context), node, context.form);
  if (name === "pre" || name === "code") return decorate(inside(h(name, { tabindex: name === "pre" ? 0 : null }), node, context), node, context);
  const control = controls[name]?.(node, context) ?? selector(node, classes);
  if (control) return control;
  const made = h(PLAIN.has(name) ? name : "span");
  if (classes.includes("entity")) mention(made, node, context);
  const cells = ["colspan", "rowspan"];
  if (name === "td" || name === "th") for (const span of cells) if (/^[1-9]\d?$/.test(attribute(span) ?? "")) made.setAttribute(span, attribute(span));
  decorate(inside(made, node, context), node, context);
  if (name === "table") return h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Table" }, made);
  return made;
}

function decorate(made, node, context) {
  for (const name of (node.getAttribute("class") ?? "").split(/\s+/)) if (CLASSES.test(name)) made.classList.add(name);
  if (made.classList.contains("info-hint")) {
    const hint = node.getAttribute("data-title") ?? "";
    made.append("ⓘ");
    made.setAttribute("role", "img");
    made.setAttribute("title", hint);
    made.setAttribute("aria-label", hint);
  }
  const accent = node.getAttribute("data-accent-color");
  if (accent && /^[\w-]{1,60}$/.test(accent)) made.classList.add("accent");
  if (node.getAttribute("id")) made.id = `${context.prefix}-${node.getAttribute("id")}`;
  style(made, node.getAttribute("style"));
  return made;
}

function style(made, text) {
  if (!text) return;
  for (const line of text.split(";")) {
    const at = line.indexOf(":");
    const [name, value] = [line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim()];
    if (at < 0 || !STYLES.has(name) || /url|expression|image|attr|var\(|[\\@<>{}]|-\d{4}/i.test(value)) continue;
    if (name === "display" && !DISPLAYS.has(value)) continue;
    // Not as an attribute, which the page's policy forbids.
    made.style.setProperty(name, value);
  }
}

function mention(made, node, { data, form }) {
  const entity = data[node.getAttribute("data-entity-id")];
  const type = String(entity?.type ?? "");
  made.dataset.kind = type.endsWith("user.mention") ? "mention" : /hashtag|cashtag|ticker/.test(type) ? "tag" : /emoji/.test(type) ? "emoji" : "other";
  const ids = (Array.isArray(entity?.id) ? entity.id : []).map((id) => String(id?.value));
  if (form && ids.includes(String(form.me))) made.dataset.me = "";
  if (made.dataset.kind === "emoji" && entity?.data?.unicode) made.title = String(entity.data.shortcode ?? "");
}

function link(node, context) {
  const made = inside(h("a"), node, context);
  let address = null;
  try { address = new URL(node.getAttribute("href") ?? ""); } catch { /* relative ones lead nowhere */ }
  const allowed = ["http:", "https:", "mailto:", "tel:", "ftp:", "symphony:", "sip:", "callto:"];
  if (address && allowed.includes(address.protocol)) {
    made.href = address.href;
    made.rel = "noopener noreferrer nofollow";
    made.target = "_blank";
  } else made.title = "This link leads nowhere";
  return decorate(made, node, context);
}

// Pictures of other origins come where whoever looks asks for them: the page's address says so.
function picture(source, text) {
  const remote = /^https?:/i.test(source ?? "");
  const alt = text || "Picture";
  if (/^data:image\/(?:png|jpe?g|gif|webp|bmp);/i.test(source ?? "")) return h("img", { src: source, alt });
  if (!remote) return h("span", { class: "picture" }, `[${alt}]`);
  if (new URLSearchParams(location.search).get("pictures") === "all") return h("img", { src: source, alt, referrerpolicy: "no-referrer", loading: "lazy" });
  return h("span", { class: "picture", title: source }, `[${alt}: `, h("a", { href: `?pictures=all${location.hash}` }, "load pictures of other origins"), "]");
}

function expandable(node, context) {
  const of = (name) => [...node.children].find((child) => (child.getAttribute("class") ?? "").split(/\s+/).includes(name));
  const header = of("expandableCardHeader");
  const card = h("details", { class: "expandable-card" });
  card.open = node.getAttribute("data-state") === "expanded";
  card.append(header ? inside(h("summary"), header, context) : h("summary", {}, "Card"));
  for (const child of node.childNodes) if (child !== header) append(card, child, context);
  return card;
}

function dialog(node, context) {
  const made = inside(h("dialog", { class: "message-dialog", "aria-label": node.querySelector(".dialog-title")?.textContent ?? "Dialog" }), node, context);
  made.id = `${context.prefix}-${node.getAttribute("id")}`;
  made.append(button("Close", () => made.close()));
  return made;
}

function action(node, context) {
  const made = inside(h("span", { class: "ui-action" }), node, context);
  const what = node.getAttribute("data-action");
  const target = node.getAttribute("data-target-id") ?? "";
  for (const it of made.querySelectorAll("button")) {
    it.type = "button";
    it.addEventListener("click", (event) => {
      event.preventDefault();
      event.stopPropagation();
      if (what === "open-dialog") (document.getElementById(`${context.prefix}-${target}`) ?? [...document.querySelectorAll(`[id^="${context.prefix}-"]`)].find((it) => it.localName === "dialog"))?.showModal();
      else if (what === "open-im") context.form?.openIm?.(node.getAttribute("data-user-ids"), node.getAttribute("data-stream-id"));
    });
  }
  return made;
}

// The attributes of a control that mean the same in HTML.
function copied(node, names, context) {
  const properties = {};
  for (const name of names) {
    const value = node.getAttribute(name);
    if (value !== null && value !== "false") properties[name] = ["required", "checked", "disabled", "readonly", "multiple", "selected"].includes(name) ? true : value;
  }
  // A form's controls go by their names in it, before its own methods: those of a message must not be among them.
  if (properties.name !== undefined) Object.assign(properties, { "data-name": properties.name, name: `${context.prefix}-${properties.name}` });
  const id = node.getAttribute("id");
  if (id) properties.id = `${context.prefix}-${id}`;
  const said = node.getAttribute("data-pattern-error-message");
  if (said) properties["data-pattern-error-message"] = said;
  for (const name of ["data-min", "data-max", "data-placeholder"]) if (node.hasAttribute(name)) properties[name] = node.getAttribute(name);
  return properties;
}

const controls = {
  input(node, context) {
    const type = (node.getAttribute("type") ?? "text").toLowerCase();
    if (!["text", "date", "time", "checkbox", "radio"].includes(type)) return null;
    const properties = copied(node, ["name", "placeholder", "required", "minlength", "maxlength", "pattern", "min", "max", "step", "checked", "disabled", "readonly"], context);
    if (type === "time") properties.step ??= 1;
    const masked = node.getAttribute("data-masked") === "true";
    const made = h("input", { ...properties, type: masked ? "password" : type, autocomplete: "off" });
    if (node.hasAttribute("value")) made.setAttribute("value", node.getAttribute("value"));
    return made;
  },
  textarea(node, context) {
    const made = h("textarea", copied(node, ["name", "placeholder", "required", "minlength", "maxlength", "pattern", "disabled", "readonly"], context));
    made.defaultValue = node.textContent;
    return made;
  },
  select(node, context) {
    const made = h("select", copied(node, ["name", "required", "multiple", "disabled"], context));
    const options = [...node.getElementsByTagName("option")];
    const chosen = options.some((option) => option.getAttribute("selected") === "true");
    if (!made.multiple && !chosen) made.append(h("option", { value: "" }, node.getAttribute("data-placeholder") ?? ""));
    for (const option of options) made.append(h("option", { value: option.getAttribute("value") ?? option.textContent, selected: option.getAttribute("selected") === "true" }, option.textContent));
    return made;
  },
  button(node, context) {
    const type = node.getAttribute("type");
    const made = inside(h("button", { type: "button", "data-type": type ?? "action", "data-name": node.getAttribute("name"), "data-novalidate": node.getAttribute("data-formnovalidate"), title: node.getAttribute("data-title") }), node, context);
    return decorate(made, node, context);
  },
  label(node, context) {
    const of = node.getAttribute("for");
    return inside(h("label", { for: of ? `${context.prefix}-${of}` : null }), node, context);
  },
};

// Controls that HTML does not have; forms.js fills them.
function selector(node, classes) {
  const kind = ["person-selector", "room-selector", "date-selector", "timezone-picker"].find((kind) => classes.includes(kind));
  if (!kind) return null;
  const value = (name) => node.getAttribute(`data-${name}`);
  return h("span", { class: "selector", "data-selector": kind, "data-name": value("name"), "data-placeholder": value("placeholder"), "data-required": value("required"), "data-value": value("value"), "data-disabled": value("disabled-timezone"), "data-for": node.getAttribute("id") });
}
