// The chat of any person: who he is, his conversations, what is said, and what he says.

import { as, get, part, post } from "./api.js";
import { ask, attempt, button, field, freshId, h, notice, replace, time } from "./dom.js";
import { composer } from "./composer.js";
import { inspect } from "./inspect.js";
import { render } from "./render.js";
import { download } from "./files.js";
import { Log } from "./vlist.js";

const PRESENCES = ["AVAILABLE", "BUSY", "DO_NOT_DISTURB", "ON_THE_PHONE", "BE_RIGHT_BACK", "IN_A_MEETING", "AWAY", "OUT_OF_OFFICE", "OFF_WORK", "OFFLINE"];
const PAGE = 50;
const KEPT = "symphony-mock-pod person";

export class Chat {
  people = [];
  streams = [];
  rooms = [];
  me = null;
  current = null;
  #unread = new Set();
  #reading = Promise.resolve();
  #refresh = null;
  #turn = 0;
  // What happens while the history is on its way.
  #early = null;

  constructor(live, preferred) {
    this.persona = h("select", { onchange: attempt(() => this.become(this.persona.value)) });
    this.presence = h("select", { onchange: attempt(() => post(as(this.me.username, "presence"), { category: this.presence.value })) },
      PRESENCES.map((it) => h("option", { value: it }, words(it))));
    this.list = h("ul", { class: "streams" });
    this.head = h("div", { class: "head" });
    this.side = h("aside", { class: "panel", "aria-label": "Details", hidden: true });
    this.log = new Log({
      label: "Messages",
      key: (message) => message.initial ?? message.messageId,
      item: (message) => this.#message(message),
      older: (first) => this.#history(first.messageId),
    });
    this.composer = composer(this);
    this.element = h("div", { class: "chat" },
      h("nav", { class: "panel", "aria-label": "Conversations" },
        field("You are", this.persona), field("Presence", this.presence),
        h("div", { class: "buttons" }, button("New room", attempt(() => this.#newRoom())), button("New message", attempt(() => this.#newMessage())), button("Join a room", attempt(() => this.#join()))),
        h("h2", {}, "Conversations"), this.list),
      h("section", { class: "thread", "aria-label": "Conversation" }, this.head, this.log.element, this.composer.element),
      this.side);
    this.#listen(live);
    this.preferred = preferred;
  }

  async start() {
    await this.#loadPeople();
    const kept = sessionStorage.getItem(KEPT);
    const known = (name) => this.people.some((person) => person.username === name);
    const first = [this.preferred, kept].find(known) ?? this.people.find((person) => !person.bot && !person.foreign)?.username ?? this.people[0]?.username;
    if (first) await this.become(first);
    else replace(this.head, "This pod has no users: a scenario brings some.");
  }

  // The person whose clients this is from now on.
  async become(username) {
    this.me = this.people.find((person) => person.username === username);
    this.persona.value = username;
    this.presence.value = this.me.presence ?? "OFFLINE";
    sessionStorage.setItem(KEPT, username);
    await this.#loadStreams();
    const same = this.streams.find((stream) => stream.streamId === this.current?.streamId);
    const newest = [...this.streams].sort((a, b) => (b.lastMessage ?? 0) - (a.lastMessage ?? 0))[0];
    await this.open(same ?? newest ?? null);
  }

  async open(stream) {
    const turn = ++this.#turn;
    this.current = stream;
    this.#unread.clear();
    this.composer.show(stream);
    this.#drawList();
    this.#drawHead();
    this.side.hidden = true;
    this.#early = [];
    const messages = stream ? await this.#history() : [];
    // Somebody may have opened another one meanwhile.
    if (turn !== this.#turn) return;
    this.log.set(messages);
    const early = this.#early;
    this.#early = null;
    early.forEach((event) => this.#happened(event));
  }

  async #loadPeople() {
    this.people = (await get("_mock/people")).people;
    const shown = (person) => h("option", { value: person.username }, `${person.displayName}${person.bot ? " (bot)" : ""}${person.foreign ? ` (${person.company})` : ""}`);
    const chosen = this.persona.value;
    replace(this.persona, this.people.map(shown));
    if (chosen) this.persona.value = chosen;
  }

  async #loadStreams() {
    const { streams, publicRooms } = await get(as(this.me.username, "streams"));
    this.streams = streams;
    this.rooms = publicRooms;
    if (this.current) this.current = streams.find((stream) => stream.streamId === this.current.streamId) ?? this.current;
    this.#drawList();
    this.#drawHead();
  }

  // Soon, and once for all that happened until then.
  #loadSoon(people) {
    this.#refresh ??= { people: false, timer: setTimeout(attempt(async () => {
      const wanted = this.#refresh.people;
      this.#refresh = null;
      if (wanted) await this.#loadPeople();
      this.me = this.people.find((person) => person.username === this.me?.username) ?? this.me;
      if (this.me) {
        this.presence.value = this.me.presence ?? "OFFLINE";
        await this.#loadStreams();
      }
    }), 100) };
    this.#refresh.people ||= people;
  }

  async #history(before) {
    const more = before ? `&before=${part(before)}` : "";
    const { messages } = await get(as(this.me.username, `messages?stream=${part(this.current.streamId)}&limit=${PAGE}${more}`));
    return messages.filter((message) => !message.replacedBy);
  }

  async reload() {
    await this.#loadPeople();
    if (!this.people.some((person) => person.username === this.me?.username)) {
      this.me = null;
      return this.start();
    }
    await this.become(this.me.username);
  }

  #listen(live) {
    live.addEventListener("event", ({ detail }) => this.#happened(detail));
    live.addEventListener("presence", () => this.#loadSoon(true));
    live.addEventListener("receipt", ({ detail }) => this.#gotOrRead(detail));
    for (const name of ["restored", "gap"]) live.addEventListener(name, attempt(() => this.me && this.reload()));
    live.addEventListener("lagged", attempt(({ detail }) => detail.what === "events" && this.me && this.reload()));
  }

  // Who has read it is known to the pod: a receipt may be of the delivery alone.
  #gotOrRead({ messageId, user }) {
    if (user === this.me?.username) return;
    if (!this.side.hidden) this.sideShown?.(messageId);
    const message = this.log.items.find((it) => it.messageId === messageId);
    if (message?.author !== this.me?.username || message.readBy?.includes(user)) return;
    get(`_mock/messages/${part(messageId)}`).then(({ receipts }) => {
      const readBy = receipts.filter((receipt) => receipt.read !== null).map((receipt) => receipt.user);
      if (readBy.length !== (message.readBy ?? []).length) this.log.replace(this.log.key(message), Object.assign(message, { readBy }));
    }).catch(() => {});
  }

  #happened(event) {
    if (!this.me) return;
    const here = event.streamId === this.current?.streamId;
    const mine = this.streams.some((stream) => stream.streamId === event.streamId);
    const changes = !["MESSAGESENT", "SHAREDPOST", "SYMPHONYELEMENTSACTION", "MESSAGESUPPRESSED"].includes(event.type);
    if (mine || changes) this.#loadSoon(changes);
    if (!here || !mine) return;
    if (this.#early) return this.#early.push(event);
    if (event.message) {
      const { message } = event;
      const known = message.replaces && this.log.replace(message.initial, { ...message, submitted: [] });
      if (!known && !this.log.items.some((it) => it.messageId === message.messageId)) this.log.push({ ...message, submitted: [], read: message.author === this.me.username });
    }
    if (event.type === "MESSAGESUPPRESSED") {
      const gone = this.log.items.find((it) => it.messageId === event.messageId);
      if (gone) this.log.remove(this.log.key(gone));
    }
  }

  person(username) {
    return this.people.find((person) => person.username === username);
  }

  name(username) {
    return this.person(username)?.displayName ?? username ?? "somebody";
  }

  title(stream) {
    if (stream.name) return stream.name;
    const others = stream.members.filter((member) => member.user !== this.me.username);
    return others.map((member) => this.name(member.user)).join(", ") || "Yourself";
  }

  #drawList() {
    const sorted = [...this.streams].sort((a, b) => (b.lastMessage ?? 0) - (a.lastMessage ?? 0));
    const focused = this.list.contains(document.activeElement) ? document.activeElement.dataset.stream : null;
    const row = (stream) => {
      const here = stream.streamId === this.current?.streamId;
      const unread = here && document.hasFocus() ? 0 : stream.unread;
      const other = stream.kind === "IM" ? stream.members.find((member) => member.user !== this.me.username) : null;
      const presence = this.person(other?.user)?.presence;
      return h("li", {}, h("button", { type: "button", "data-stream": stream.streamId, "aria-current": here ? "true" : null, onclick: attempt(() => this.open(stream)) },
        h("span", { class: `dot ${(presence ?? "").toLowerCase()}`, role: "img", "aria-label": presence ? words(presence) : stream.kind === "ROOM" ? "Room" : "Conversation" }),
        h("span", { class: "title" }, this.title(stream)),
        !stream.active && h("small", {}, "closed"),
        unread > 0 && h("span", { class: "unread" }, h("span", { class: "hidden" }, "unread: "), unread >= 100 ? "99+" : String(unread))));
    };
    replace(this.list, sorted.map(row), sorted.length === 0 && h("li", {}, "None yet"));
    if (focused) this.list.querySelector(`[data-stream="${CSS.escape(focused)}"]`)?.focus();
  }

  #drawHead() {
    const stream = this.current;
    if (!stream) return replace(this.head, h("h1", {}, "No conversation"));
    const room = stream.kind === "ROOM";
    replace(this.head, h("h1", {}, this.title(stream)),
      h("span", { class: "facts" }, [stream.kind, stream.public && "public", stream.readOnly && "read-only", stream.external && "external", !stream.active && "closed"].filter(Boolean).join(" · ")),
      button(`${stream.memberCount} members`, () => this.#members()),
      room && button("Invite", attempt(() => this.#invite())),
      room && button("Leave", attempt(async () => {
        await post(as(this.me.username, "leaves"), { stream: stream.streamId });
        this.current = null;
        await this.become(this.me.username);
      })));
  }

  #panel(title, ...content) {
    this.side.hidden = false;
    replace(this.side, h("div", { class: "head" }, h("h2", { tabindex: -1 }, title), button("Close", () => (this.side.hidden = true))), content);
    this.side.querySelector("h2").focus();
  }

  #members() {
    this.sideShown = null;
    const { members, memberCount, owner, kind } = this.current;
    const row = ({ user, owner: owns }) => h("li", {}, h("span", { class: `dot ${(this.person(user)?.presence ?? "offline").toLowerCase()}`, role: "img", "aria-label": words(this.person(user)?.presence ?? "OFFLINE") }),
      `${this.name(user)} (${user})`, owns && h("small", {}, " owner"),
      owner && kind === "ROOM" && user !== this.me.username && button("Remove", attempt(async () => {
        await post(as(this.me.username, "members"), { stream: this.current.streamId, user, remove: true });
        this.side.hidden = true;
      })));
    this.#panel("Members", h("ul", { class: "members" }, members.map(row)), memberCount > members.length && h("p", {}, `and ${memberCount - members.length} more`));
  }

  #chooser(people, properties = {}) {
    return h("select", { required: true, ...properties }, people.map((person) => h("option", { value: person.username }, `${person.displayName} (${person.username})`)));
  }

  async #invite() {
    const inside = new Set(this.current.members.map((member) => member.user));
    const who = this.#chooser(this.people.filter((person) => !inside.has(person.username)));
    if (await ask(`Invite to ${this.title(this.current)}`, field("Who", who), "Invite")) await post(as(this.me.username, "members"), { stream: this.current.streamId, user: who.value });
  }

  async #newRoom() {
    const name = h("input", { required: true, maxlength: 100 });
    const description = h("input", {});
    const open = h("input", { type: "checkbox" });
    const who = this.#chooser(this.people.filter((person) => person !== this.me && !person.foreign), { multiple: true, required: false, size: 6 });
    if (!(await ask("New room", [field("Name", name), field("Description", description), field("Members", who), field("Public", open)], "Make it"))) return;
    const room = { name: name.value, members: [...who.selectedOptions].map((it) => it.value), public: open.checked };
    if (description.value) room.description = description.value;
    await this.#opened(await post(as(this.me.username, "rooms"), room));
  }

  async #newMessage() {
    const who = this.#chooser(this.people.filter((person) => person !== this.me), { multiple: true, size: 8 });
    if (await ask("Talk with", field("One for an IM, several for a MIM", who), "Begin")) {
      await this.#opened(await post(as(this.me.username, "rooms"), { with: [...who.selectedOptions].map((it) => it.value) }));
    }
  }

  async openIm(users, stream) {
    if (stream) return this.#opened({ streamId: stream });
    const ids = String(users ?? "").match(/\d+/g) ?? [];
    await this.#opened(await post(as(this.me.username, "rooms"), { with: ids }));
  }

  async #join() {
    if (!this.rooms.length) return notice("There is no public room that you are not in", "good");
    const room = h("select", { required: true }, this.rooms.map((it) => h("option", { value: it.streamId }, it.name)));
    if (!(await ask("Join a room", field("Room", room), "Join"))) return;
    await post(as(this.me.username, "joins"), { stream: room.value });
    await this.#opened({ streamId: room.value });
  }

  async #opened({ streamId }) {
    await this.#loadStreams();
    const stream = this.streams.find((it) => it.streamId === streamId || it.streamId.replace(/=+$/, "") === streamId.replace(/=+$/, ""));
    if (stream) await this.open(stream);
  }

  #message(message) {
    const own = message.author === this.me.username;
    const author = this.person(message.author);
    const id = freshId("by");
    const form = {
      me: this.me.id, people: this.people, streams: this.streams, stale: Boolean(message.replacedBy), submitted: message.submitted ?? [],
      submit: async (form, button, values) => {
        await post(as(this.me.username, "forms"), { message: message.messageId, form, button, values });
        (message.submitted ??= []).push(form);
      },
      openIm: attempt((users, stream) => this.openIm(users, stream)),
    };
    const quoted = message.parent && h("blockquote", { class: "parent" }, h("cite", {}, message.parent.how === "forward" ? `Forwarded from ${this.name(message.parent.author)}` : this.name(message.parent.author)), " ", message.parent.text ?? "(gone)");
    const act = (name, work) => button(name, attempt(work), { "aria-describedby": id });
    const shown = h("article", { class: own ? "message own" : "message", "data-message": message.messageId, "aria-labelledby": id },
      h("header", { id }, h("strong", {}, this.name(message.author)), author?.bot && h("small", { class: "bot" }, "bot"), " ", time(message.timestamp), message.replaces && h("small", {}, "edited")),
      quoted,
      this.#rendered(message, form),
      message.files?.length > 0 && h("div", { class: "files" }, message.files.map((file, place) => download(this.me.username, message.messageId, place, file))),
      message.readBy?.length > 0 && h("p", { class: "read-by", title: message.readBy.map((name) => this.name(name)).join(", ") }, `Read by ${message.readBy.length === 1 ? this.name(message.readBy[0]) : message.readBy.length}`),
      message.disclaimer && h("p", { class: "disclaimer" }, message.disclaimer),
      h("div", { class: "actions" },
        act("Reply", () => this.composer.reply(message)),
        act("Forward", () => this.#forward(message)),
        own && act("Edit", () => this.composer.edit(message)),
        own && act("Delete", () => post(as(this.me.username, "suppressions"), { message: message.messageId })),
        act("Inspect", () => this.#inspect(message.messageId))));
    if (!own && !message.read && !message.replacedBy) this.#see(message);
    return shown;
  }

  // Whatever is wrong with one message, the others are shown.
  #rendered(message, form) {
    try {
      return render(message.message, message.data, form);
    } catch (error) {
      return h("div", { class: "pml" }, h("p", { class: "refusal" }, `This message cannot be shown: ${error.message}`), h("p", {}, message.text));
    }
  }

  async #inspect(id) {
    this.#panel("What the bot sees", await inspect(id));
    this.sideShown = attempt(async (seen) => seen === id && replace(this.side.lastElementChild, await inspect(id)));
  }

  async #forward(message) {
    const to = h("select", { required: true }, this.streams.map((stream) => h("option", { value: stream.streamId }, this.title(stream))));
    if (!(await ask("Forward to", field("Conversation", to), "Forward"))) return;
    await post(as(this.me.username, "messages"), { stream: to.value, presentationML: message.message, data: JSON.stringify(message.data ?? {}), forwards: message.messageId });
  }

  // Reads a message once somebody looks at it: one after the other, and none that is gone by then.
  #see(message) {
    const { username } = this.me;
    const read = async () => {
      if (message.read || username !== this.me?.username) return;
      message.read = true;
      await post(as(username, "reads"), { message: message.messageId }).catch(() => {});
    };
    if (document.visibilityState === "visible") this.#reading = this.#reading.then(read);
    else document.addEventListener("visibilitychange", () => (this.#reading = this.#reading.then(read)), { once: true });
  }
}

function words(category) {
  return category.toLowerCase().replaceAll("_", " ");
}
