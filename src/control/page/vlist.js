// Lists that stay smooth however long they are.

import { h } from "./dom.js";

// Rows of one height, of which only those in sight are in the document. `row(item, index)` makes one; arrows, Home and
// End move through them, Enter opens.
export class Rows {
  items = [];
  chosen = -1;
  constructor({ label, height, row, open }) {
    Object.assign(this, { height, row, open });
    this.space = h("div", { class: "space", role: "presentation" });
    this.element = h("div", { class: "rows", role: "listbox", tabindex: 0, "aria-label": label,
      onscroll: () => this.draw(), onkeydown: (event) => this.#key(event) }, this.space);
    new ResizeObserver(() => this.draw()).observe(this.element);
  }
  set(items) {
    const atEnd = this.element.scrollTop + this.element.clientHeight >= this.element.scrollHeight - this.height * 2;
    this.items = items;
    this.space.style.setProperty("height", `${items.length * this.height}px`);
    if (atEnd) this.element.scrollTop = this.element.scrollHeight;
    this.draw();
  }
  draw() {
    const first = Math.max(0, Math.floor(this.element.scrollTop / this.height) - 5);
    const last = Math.min(this.items.length, first + Math.ceil(this.element.clientHeight / this.height) + 10);
    const rows = [];
    for (let index = first; index < last; index++) {
      const row = this.row(this.items[index], index);
      row.style.setProperty("top", `${index * this.height}px`);
      row.style.setProperty("height", `${this.height}px`);
      row.id = `row-${index}`;
      row.setAttribute("role", "option");
      row.setAttribute("aria-setsize", this.items.length);
      row.setAttribute("aria-posinset", index + 1);
      row.setAttribute("aria-selected", index === this.chosen);
      row.addEventListener("click", () => this.choose(index));
      rows.push(row);
    }
    this.space.replaceChildren(...rows);
    const shown = this.chosen >= first && this.chosen < last;
    if (shown) this.element.setAttribute("aria-activedescendant", `row-${this.chosen}`);
    else this.element.removeAttribute("aria-activedescendant");
  }
  choose(index, opens = true) {
    if (index < 0 || index >= this.items.length) return;
    this.chosen = index;
    const top = index * this.height;
    if (top < this.element.scrollTop) this.element.scrollTop = top;
    if (top + this.height > this.element.scrollTop + this.element.clientHeight) this.element.scrollTop = top + this.height - this.element.clientHeight;
    this.draw();
    if (opens) this.open(this.items[index]);
  }
  #key(event) {
    const page = Math.max(1, Math.floor(this.element.clientHeight / this.height) - 1);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    if (event.key === "Enter") this.choose(this.chosen);
    else if (event.key in steps) {
      const to = Math.min(this.items.length - 1, Math.max(0, this.chosen + steps[event.key]));
      this.choose(to, false);
    } else return;
    event.preventDefault();
  }
}

// Items of any height with the newest at the end, of which a window is in the document. It moves as one scrolls: what
// leaves at one end comes back when one scrolls there again. `older(first)` fetches what was before the first item.
export class Log {
  items = [];
  from = 0;
  to = 0;
  #busy = false;
  #complete = false;
  static MOST = 120;
  static STEP = 40;
  static KEPT = 1000;
  constructor({ label, item, older, key }) {
    Object.assign(this, { item, older, key });
    this.element = h("div", { class: "log", role: "log", tabindex: 0, "aria-label": label, "aria-live": "polite",
      onscroll: () => this.#scrolled() });
  }
  set(items) {
    this.items = items;
    this.#complete = false;
    this.to = items.length;
    this.from = Math.max(0, this.to - Log.STEP);
    this.element.replaceChildren(...items.slice(this.from).map(this.item));
    this.toEnd();
  }
  toEnd() {
    this.element.scrollTop = this.element.scrollHeight;
  }
  get atEnd() {
    const { scrollTop, clientHeight, scrollHeight } = this.element;
    return this.to === this.items.length && scrollTop + clientHeight >= scrollHeight - 60;
  }
  push(item) {
    const follow = this.atEnd;
    this.items.push(item);
    if (this.to !== this.items.length - 1) return;
    this.to++;
    this.element.append(this.item(item));
    if (follow) {
      this.#trimTop();
      this.toEnd();
      this.#forget();
    }
  }
  // Whoever watches the newest for hours keeps no more than so many: what was before is fetched again.
  #forget() {
    if (this.from <= Log.KEPT * 2) return;
    const gone = this.from - Log.KEPT;
    this.items.splice(0, gone);
    this.from -= gone;
    this.to -= gone;
    this.#complete = false;
  }
  // Puts an item in the place of the one with the same key, and says whether there was one.
  replace(key, item) {
    const index = this.items.findIndex((known) => this.key(known) === key);
    if (index < 0) return false;
    this.items[index] = item;
    if (index >= this.from && index < this.to) {
      const follow = this.atEnd;
      this.element.children[index - this.from].replaceWith(this.item(item));
      if (follow) this.toEnd();
    }
    return true;
  }
  remove(key) {
    const index = this.items.findIndex((known) => this.key(known) === key);
    if (index < 0) return;
    this.items.splice(index, 1);
    if (index < this.from) this.from--, this.to--;
    else if (index < this.to) {
      this.element.children[index - this.from].remove();
      this.to--;
    }
  }
  async showAll(newest) {
    this.to = this.items.length;
    this.from = Math.max(0, this.to - Log.STEP);
    this.element.replaceChildren(...this.items.slice(this.from).map(this.item));
    if (newest) this.toEnd();
  }
  #trimTop() {
    while (this.to - this.from > Log.MOST) {
      this.element.firstElementChild.remove();
      this.from++;
    }
  }
  async #scrolled() {
    if (this.#busy) return;
    this.#busy = true;
    try {
      const { element } = this;
      if (element.scrollTop < 400 && (this.from > 0 || !this.#complete)) await this.#up();
      else if (element.scrollTop + element.clientHeight > element.scrollHeight - 400 && this.to < this.items.length) this.#down();
    } finally {
      this.#busy = false;
    }
  }
  async #up() {
    if (this.from === 0) {
      const { items } = this;
      const older = items.length ? await this.older(items[0]) : [];
      // Somebody may have opened something else meanwhile.
      if (items !== this.items) return;
      if (older.length === 0) {
        this.#complete = true;
        return;
      }
      this.items.unshift(...older);
      this.from += older.length;
      this.to += older.length;
    }
    const start = Math.max(0, this.from - Log.STEP);
    const below = this.element.scrollHeight - this.element.scrollTop;
    this.element.prepend(...this.items.slice(start, this.from).map(this.item));
    this.from = start;
    this.element.scrollTop = this.element.scrollHeight - below;
    while (this.to - this.from > Log.MOST) {
      this.element.lastElementChild.remove();
      this.to--;
    }
  }
  #down() {
    const end = Math.min(this.items.length, this.to + Log.STEP);
    this.element.append(...this.items.slice(this.to, end).map(this.item));
    this.to = end;
    const below = this.element.scrollHeight - this.element.scrollTop;
    this.#trimTop();
    this.element.scrollTop = this.element.scrollHeight - below;
  }
}
