// A bench for MessageML: what is typed is rendered as a service user's message would be, or refused at its place.

import { post } from "./api.js";
import { button, copy, field, h, replace } from "./dom.js";
import { pretty } from "./inspect.js";
import { render } from "./render.js";

const SAMPLE = `<messageML>
  Hello <b>desk</b>, <hash tag="fx"/> is up.
  <form id="order">
    <text-field name="amount" label="Amount" placeholder="1000000" required="true" pattern="^[0-9]+$" pattern-error-message="Digits only"/>
    <select name="side" label="Side"><option value="buy">Buy</option><option value="sell">Sell</option></select>
    <button name="send" type="action">Send</button>
  </form>
</messageML>`;

export class Bench {
  constructor() {
    this.source = h("textarea", { rows: 18, spellcheck: "false", class: "code", oninput: () => this.#soon() });
    this.source.value = SAMPLE;
    this.data = h("textarea", { rows: 5, spellcheck: "false", class: "code", placeholder: "{}", oninput: () => this.#soon() });
    this.error = h("p", { class: "refusal", role: "status" });
    this.shown = h("div", {});
    this.output = h("div", {});
    this.element = h("div", { class: "bench" },
      h("section", { "aria-label": "Source" }, field("MessageML", this.source), field("Data (EntityJSON)", this.data), this.error),
      h("section", { "aria-label": "As clients show it" }, h("h2", {}, "As clients show it"), this.shown, this.output));
  }
  async start() {
    await this.#convert();
  }
  #soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#convert(), 150);
  }
  async #convert() {
    const turn = (this.turn = (this.turn ?? 0) + 1);
    const draft = { message: this.source.value };
    if (this.data.value.trim()) draft.data = this.data.value;
    let made = null;
    let refused = null;
    try { made = await post("_mock/messageml", draft); } catch (error) { refused = error; }
    if (turn !== this.turn) return;
    if (refused) {
      const { place } = refused;
      const at = place && !place.expanded;
      this.source.setAttribute("aria-invalid", "true");
      replace(this.error, refused.message, place && ` (line ${place.line}, column ${place.column}${place.element ? `, ${place.element}` : ""}${place.expanded ? ", in what the templates made of it" : ""}) `,
        at && button("Go there", () => this.#goTo(place)));
      this.shown.classList.add("stale");
      return;
    }
    this.source.removeAttribute("aria-invalid");
    this.shown.classList.remove("stale");
    replace(this.error);
    replace(this.shown, render(made.presentationML, made.entityJson));
    const block = (title, text) => h("section", {}, h("h3", {}, title, " ", button("Copy", () => copy(text), { "aria-label": `Copy ${title}` })), h("pre", { tabindex: 0, "aria-label": title }, text));
    replace(this.output, block("PresentationML", made.presentationML), block("EntityJSON", pretty(JSON.stringify(made.entityJson))), block("Text", made.text));
  }
  #goTo({ line, column }) {
    const lines = this.source.value.split("\n");
    const at = lines.slice(0, line - 1).reduce((sum, it) => sum + it.length + 1, 0) + [...(lines[line - 1] ?? "")].slice(0, column - 1).join("").length;
    this.source.focus();
    this.source.setSelectionRange(at, Math.min(at + 1, this.source.value.length));
  }
}
