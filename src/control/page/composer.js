// What somebody writes: a text with suggestions, files, a reply, or another version of what he wrote.

import { as, post } from "./api.js";
import { attempt, button, freshId, h, replace } from "./dom.js";
import { upload } from "./files.js";

const EMOJI = ("smiley grinning laughing joy wink blush heart thumbsup thumbsdown clap pray fire tada rocket eyes thinking " +
  "wave ok_hand muscle star sunny coffee warning white_check_mark x question exclamation bell moneybag chart_with_upwards_trend").split(" ");
const TAGS = ["help", "todo", "urgent", "fx", "rates"];

export function composer(chat) {
  const listId = freshId("suggestions");
  const status = h("div", { class: "replying" });
  const options = h("ul", { class: "suggestions", id: listId, role: "listbox", "aria-label": "Suggestions", hidden: true });
  const text = h("textarea", { rows: 2, placeholder: "Write a message", "aria-label": "Message", role: "combobox", "aria-expanded": "false", "aria-controls": listId, "aria-autocomplete": "list" });
  const files = h("input", { type: "file", multiple: true, "aria-label": "Attachments" });
  const markup = h("select", { "aria-label": "Written as" }, h("option", { value: "message" }, "Text"), h("option", { value: "messageML" }, "MessageML"), h("option", { value: "presentationML" }, "PresentationML"));
  const form = h("form", { class: "composer", "aria-label": "Write" }, status, options, text,
    h("div", { class: "buttons" }, markup, files, h("button", { type: "submit", class: "primary" }, "Send")));
  let about = null;
  let chosen = -1;

  const mean = (next) => {
    about = next;
    replace(status, next && [next.edit ? "Another version of: " : "Reply to: ", h("q", {}, next.message.text.slice(0, 80)), button("Never mind", () => mean(null))]);
    if (next?.edit) text.value = next.message.text;
    text.focus();
  };

  const send = attempt(async () => {
    const said = text.value;
    if (!said.trim() && files.files.length === 0) return;
    const me = chat.me.username;
    if (about?.edit) {
      await post(as(me, "edits"), { message: about.message.messageId, [markup.value === "message" ? "text" : markup.value]: said });
    } else {
      const message = { stream: chat.current.streamId, [markup.value]: said };
      if (about) message.replyTo = about.message.messageId;
      if (files.files.length) message.attachments = await Promise.all([...files.files].map(upload));
      await post(as(me, "messages"), message);
    }
    text.value = "";
    files.value = "";
    mean(null);
    if (chat.log.to !== chat.log.items.length) chat.log.showAll(true);
    else chat.log.toEnd();
  });
  form.addEventListener("submit", (event) => { event.preventDefault(); send(); });

  // Type-ahead: what the word before the caret may become.
  const word = () => /(^|\s)([@#:])([\w.-]*)$/.exec(text.value.slice(0, text.selectionStart));
  const known = (sign, begun) => {
    const fits = (name) => name.toLowerCase().includes(begun.toLowerCase());
    if (sign === "@") return chat.people.filter((person) => fits(person.username) || fits(person.displayName)).slice(0, 8).map((person) => [`@${person.username}`, `${person.displayName} (${person.username})`]);
    if (sign === ":") return begun.length < 1 ? [] : EMOJI.filter(fits).slice(0, 8).map((name) => [`:${name}:`, `:${name}:`]);
    const used = chat.log.items.slice(-200).flatMap((message) => message.text.match(/#[\w-]+/g) ?? []).map((tag) => tag.slice(1));
    return [...new Set([...used, ...TAGS])].filter(fits).slice(0, 8).map((tag) => [`#${tag}`, `#${tag}`]);
  };
  const suggest = () => {
    const found = markup.value === "message" && word();
    const all = found ? known(found[2], found[3]) : [];
    // What is written out needs no suggestion, and Enter sends it.
    const offered = all.some(([insert]) => insert === found[2] + found[3]) ? [] : all;
    options.hidden = offered.length === 0;
    text.setAttribute("aria-expanded", String(offered.length > 0));
    chosen = offered.length ? 0 : -1;
    replace(options, offered.map(([insert, shown], index) => h("li", { role: "option", id: `${listId}-${index}`, "data-insert": insert, onmousedown: (event) => { event.preventDefault(); take(index); } }, shown)));
    mark();
  };
  const mark = () => {
    [...options.children].forEach((option, index) => option.setAttribute("aria-selected", String(index === chosen)));
    if (chosen >= 0) text.setAttribute("aria-activedescendant", `${listId}-${chosen}`);
    else text.removeAttribute("aria-activedescendant");
  };
  const take = (index) => {
    const found = word();
    const insert = options.children[index]?.dataset.insert;
    if (!found || !insert) return;
    const end = text.selectionStart;
    text.setRangeText(`${insert} `, end - found[2].length - found[3].length, end, "end");
    suggest();
  };
  text.addEventListener("input", suggest);
  text.addEventListener("blur", () => { options.hidden = true; text.setAttribute("aria-expanded", "false"); });
  text.addEventListener("keydown", (event) => {
    if (!options.hidden && options.children.length) {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) {
        chosen = (chosen + step + options.children.length) % options.children.length;
        mark();
        return event.preventDefault();
      }
      if (event.key === "Enter" || event.key === "Tab") { take(chosen); return event.preventDefault(); }
      if (event.key === "Escape") { options.hidden = true; return event.preventDefault(); }
    }
    if (event.key === "Escape" && about) mean(null);
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); send(); }
  });

  return {
    element: form,
    reply: (message) => mean({ message }),
    edit: (message) => mean({ message, edit: true }),
    show(stream) {
      const writes = stream && stream.active;
      for (const control of form.querySelectorAll("textarea, input, select, button")) control.disabled = !writes;
      about = null;
      replace(status);
    },
  };
}
