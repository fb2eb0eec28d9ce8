// What a bot is told of a message, and what became of it.

import { get, part } from "./api.js";
import { button, copy, h, time } from "./dom.js";

export async function inspect(id) {
  const message = await get(`_mock/messages/${part(id)}`);
  const block = (title, text) => text !== null && text !== undefined && text !== "" &&
    h("section", {}, h("h3", {}, title, " ", button("Copy", () => copy(text), { "aria-label": `Copy ${title}` })), h("pre", { tabindex: 0, "aria-label": title }, text));
  const when = (at) => (at === null ? "not yet" : time(at, true));
  return h("div", { class: "inspect" },
    h("p", {}, "Message ", h("code", {}, message.messageId)),
    block(`Source (${message.source.markup})`, message.source.message),
    block("Data sent with it", message.source.data),
    block("PresentationML", message.message),
    block("EntityJSON", pretty(message.entityJSON)),
    block("Text", message.text),
    block("Markdown", message.markdown),
    h("section", {}, h("h3", {}, "Read by"), message.receipts.length === 0 ? h("p", {}, "Nobody yet")
      : h("table", {}, h("thead", {}, h("tr", {}, ["Who", "Delivered", "Read"].map((it) => h("th", { scope: "col" }, it)))),
        h("tbody", {}, message.receipts.map((it) => h("tr", {}, h("td", {}, it.user), h("td", {}, when(it.delivered)), h("td", {}, when(it.read))))))),
    h("section", {}, h("h3", {}, "In feeds"), message.feeds.length === 0 ? h("p", {}, "In none: every feed that had it acknowledged it, or there was none")
      : h("ul", {}, message.feeds.map((feed) => h("li", {}, `${feed.user}: ${feed.event} (${feed.id})`)))),
    h("p", {}, "Sent by ", h("code", {}, message.userAgent)));
}

export function pretty(text) {
  // Numbers that JavaScript would round.
  if (/\d{16}/.test(text)) return text;
  try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text; }
}
