// The control port, as the page asks it: of the pod that the page's address names.

import { ask, field, h } from "./dom.js";

export const base = location.pathname.replace(/[^/]*$/, "");
const KEY = "symphony-mock-pod control token";
let token = sessionStorage.getItem(KEY) ?? "";
let asking = null;

export class Refused extends Error {
  constructor(status, body) {
    super(body.error ?? body.message ?? `The control port answered ${status}`);
    Object.assign(this, { status, field: body.field, place: body.place });
  }
}

// Whoever has not shown the token is asked for it once, whatever asks.
function askForToken() {
  asking ??= (async () => {
    const input = h("input", { type: "password", required: true, autocomplete: "off" });
    const given = await ask("This pod wants its control token", field("Token", input, "As it was started with: --control-token"), "Show it");
    asking = null;
    if (!given) return false;
    token = input.value;
    sessionStorage.setItem(KEY, token);
    return true;
  })();
  return asking;
}

export async function request(path, options = {}) {
  for (;;) {
    const headers = { ...options.headers };
    if (token) headers.Authorization = `Bearer ${token}`;
    const answer = await fetch(base + path, { ...options, headers });
    if (answer.ok) return answer;
    if (answer.status === 401 && (await askForToken())) continue;
    throw new Refused(answer.status, await answer.json().catch(() => ({})));
  }
}

export const get = async (path) => (await request(path)).json();
export const part = encodeURIComponent;

export async function send(method, path, body) {
  const options = { method };
  if (body !== undefined) Object.assign(options, { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });
  const answer = await request(path, options);
  return answer.status === 204 ? null : answer.json();
}
export const post = (path, body) => send("POST", path, body);
export const remove = (path) => send("DELETE", path);
export const as = (user, path) => `_mock/people/${part(user)}/${path}`;

// What happens on the pod: EventTarget whose events are those of /_mock/live, their data in `detail`. EventSource
// cannot show a token. A broken connection is made anew, from the last entry of the journal on; what came
// besides in between is unknown, and an event `gap` says so.
export class Live extends EventTarget {
  last = null;
  state = "connecting";
  // Browsers open six connections to a server at most, for all tabs together: one that nobody looks at for a minute lets go of its own.
  static HIDDEN = 60000;
  #hidden() {
    return document.visibilityState === "hidden";
  }
  #until(visible) {
    return new Promise((done) => {
      const look = () => {
        if (this.#hidden() === visible) return;
        document.removeEventListener("visibilitychange", look);
        done();
      };
      document.addEventListener("visibilitychange", look);
      look();
    });
  }
  async #letGo(connection) {
    while (!connection.signal.aborted) {
      await this.#until(false);
      await new Promise((done) => setTimeout(done, Live.HIDDEN));
      if (this.#hidden()) connection.abort();
    }
  }
  async run() {
    for (let wait = 250, first = true; ; first = false) {
      await this.#until(true);
      const connection = new AbortController();
      this.#letGo(connection);
      try {
        const answer = await request("_mock/live" + (this.last === null ? "" : `?since=${this.last}`), { signal: connection.signal });
        this.#become("live");
        if (!first) this.#tell("gap", {});
        wait = 250;
        await this.#read(answer.body.getReader());
      } catch { /* told by the state */ }
      const asleep = connection.signal.aborted;
      connection.abort();
      this.#become(asleep ? "asleep" : "disconnected");
      if (asleep) continue;
      await new Promise((done) => setTimeout(done, wait));
      wait = Math.min(wait * 2, 8000);
    }
  }
  async #read(reader) {
    const decoder = new TextDecoder();
    for (let rest = ""; ; ) {
      const { done, value } = await reader.read();
      if (done) return;
      rest += decoder.decode(value, { stream: true });
      const blocks = rest.split("\n\n");
      rest = blocks.pop();
      for (const block of blocks) {
        const read = {};
        for (const line of block.split("\n")) {
          const at = line.indexOf(": ");
          if (at > 0) read[line.slice(0, at)] = line.slice(at + 2);
        }
        if (read.id) this.last = Number(read.id);
        if (read.event) this.#tell(read.event, JSON.parse(read.data));
      }
    }
  }
  #become(state) {
    this.state = state;
    this.#tell("state", { state });
  }
  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
