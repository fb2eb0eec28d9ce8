// What a test may do to a pod, by hand.

import { get, part, post, remove, request } from "./api.js";
import { ask, attempt, button, field, h, notice, replace, save, time } from "./dom.js";

export class Levers {
  constructor(live) {
    this.clock = h("p", { class: "reading" });
    this.faults = h("div", {});
    this.snapshots = h("div", {});
    this.sessions = h("div", {});
    this.feeds = h("div", {});
    this.downloads = h("div", {});
    const panel = (title, ...content) => h("section", { class: "panel" }, h("h2", {}, title), content);
    const by = h("input", { value: "5m", size: 6 });
    const to = h("input", { placeholder: "2030-01-31T12:00:00Z", size: 22 });
    const pack = (this.pack = h("select", {}));
    const who = (this.who = h("input", { placeholder: "everybody", size: 10 }));
    const plan = h("textarea", { rows: 4, class: "code", spellcheck: "false" });
    plan.value = '{"operation": "datafeeds_read_v5", "status": 503, "times": 2}';
    this.element = h("div", { class: "levers" },
      panel("Clock", this.clock,
        h("div", { class: "buttons" }, button("Freeze", attempt(() => post("_mock/clock/freeze"))), button("Let it run", attempt(() => post("_mock/clock/run")))),
        line(field("Advance by", by), button("Advance", attempt(() => post("_mock/clock/advance", { by: by.value })))),
        h("div", { class: "buttons" }, ["1m", "1h", "1d", "15d"].map((it) => button(`+${it}`, attempt(() => post("_mock/clock/advance", { by: it }))))),
        line(field("Set to", to), button("Set", attempt(() => post("_mock/clock/set", { to: to.value }))))),
      panel("Faults", line(field("Incident", pack), field("For", who), button("Plan it", attempt(async () => {
        const fault = { pack: pack.value };
        if (who.value) fault.user = who.value;
        await post("_mock/faults", fault);
      }))),
      field("Or a fault of your own", plan), h("div", { class: "buttons" }, button("Plan this", attempt(() => {
        let fault;
        try { fault = JSON.parse(plan.value); } catch (error) { throw new Error(`The fault is no JSON: ${error.message}`); }
        return post("_mock/faults", fault);
      })), button("Remove all", attempt(() => remove("_mock/faults")))), this.faults),
      panel("Snapshots", h("div", { class: "buttons" },
        button("Keep one", attempt(async () => {
          const name = h("input", { placeholder: "snapshot-1" });
          if (!(await ask("Keep what the pod is now", field("Name", name)))) return;
          await post("_mock/snapshots", name.value ? { name: name.value } : undefined);
          await this.#loadSnapshots();
        })),
        button("Reset the pod", attempt(async () => {
          if (await ask("Go back to the seed?", h("p", {}, "Messages, sessions, faults and the journal are gone then; snapshots stay."), "Reset")) await post("_mock/reset");
        }))), this.snapshots),
      panel("Sessions", this.sessions), panel("Feeds", this.feeds, button("Look again", attempt(() => this.#loadSessions()))),
      panel("Downloads", this.downloads));
    live.addEventListener("faults", ({ detail }) => this.#drawFaults(detail.faults));
    for (const name of ["hello", "clock", "restored"]) live.addEventListener(name, ({ detail }) => detail.clock || name === "clock" ? this.#drawClock(detail.clock ?? detail) : null);
    live.addEventListener("request", () => this.#loadSessionsSoon());
    for (const name of ["restored", "gap"]) live.addEventListener(name, attempt(() => this.#shown() && this.start()));
  }

  async start() {
    const [{ packs }, { faults }, clock] = await Promise.all([get("_mock/faults/packs"), get("_mock/faults"), get("_mock/clock")]);
    const chosen = this.pack.value;
    replace(this.pack, packs.map((pack) => h("option", { value: pack.pack, title: pack.what }, `${pack.pack}: ${pack.what}`)));
    if (chosen) this.pack.value = chosen;
    this.#drawFaults(faults);
    this.#drawClock(clock);
    await Promise.all([this.#loadSnapshots(), this.#loadSessions(), this.#loadDownloads()]);
  }

  #shown() {
    return this.element.isConnected;
  }

  #drawClock({ iso, frozen }) {
    this.clock.textContent = `${iso}, ${frozen ? "stands still" : "runs"}`;
  }

  #drawFaults(faults) {
    replace(this.faults, faults.length === 0 ? h("p", {}, "None is planned.") : table(["Fault", "Meant", "Hit", ""], faults.map((fault) => {
      const { id, name, matched, fired, ...plan } = fault;
      return [h("span", { title: JSON.stringify(plan) }, name), matched, fired, button("Remove", attempt(() => remove(`_mock/faults/${part(id)}`)), { "aria-label": `Remove ${name}` })];
    })));
  }

  async #loadSnapshots() {
    const { snapshots } = await get("_mock/snapshots");
    replace(this.snapshots, snapshots.length === 0 ? h("p", {}, "None was kept.") : table(["Name", "Taken", ""], snapshots.map(({ name, taken }) => [name, time(taken, true), h("span", { class: "buttons" },
      button("Restore", attempt(async () => { await post(`_mock/snapshots/${part(name)}/restore`); notice(`The pod is what it was: ${name}`, "good"); }), { "aria-label": `Restore ${name}` }),
      button("Forget", attempt(async () => { await remove(`_mock/snapshots/${part(name)}`); await this.#loadSnapshots(); }), { "aria-label": `Forget ${name}` }))])));
  }

  #loadSessionsSoon() {
    if (!this.#shown()) return;
    this.timer ??= setTimeout(attempt(async () => { this.timer = null; await this.#loadSessions(); }), 1000);
  }

  async #loadSessions() {
    const [{ sessions }, { feeds }] = await Promise.all([get("_mock/sessions"), get("_mock/feeds")]);
    const shown = sessions.slice(-100);
    const rows = shown.map(({ user, id, app, created, expires }) => [app ? `${user} by ${app}` : user, time(created, true), time(expires, true),
      button("Expire", attempt(async () => { await remove(`_mock/sessions/${part(user)}?id=${part(id)}`); await this.#loadSessions(); }), { "aria-label": `Expire the session of ${user} from ${new Date(created).toISOString()}` })]);
    const all = [...new Set(sessions.map(({ user }) => user))];
    replace(this.sessions, rows.length === 0 ? h("p", {}, "Nobody is logged in.") : table(["Who", "Since", "Until", ""], rows),
      sessions.length > shown.length && h("p", {}, `and ${sessions.length - shown.length} older ones`),
      all.length > 0 && h("div", { class: "buttons" }, all.slice(0, 20).map((user) => button(`Expire all of ${user}`, attempt(async () => { await remove(`_mock/sessions/${part(user)}`); await this.#loadSessions(); })))));
    replace(this.feeds, feeds.length === 0 ? h("p", {}, "There is none.") : table(["Who", "Feed", "Waits", "Unacknowledged", "Read", ""], feeds.map((feed) => [feed.user, h("code", { title: `${feed.kind}: ${feed.id}` }, feed.id.length > 12 ? `${feed.id.slice(0, 10)}…` : feed.id), feed.waiting, feed.unacknowledged, feed.beingRead ? "now" : time(feed.lastRead, true), button("Lose", attempt(async () => { await remove(`_mock/feeds/${part(feed.id)}`); await this.#loadSessions(); }), { "aria-label": `Lose the feed ${feed.id}` })])));
  }

  async #loadDownloads() {
    const { people } = await get("_mock/people");
    const bots = people.filter((person) => person.bot && !person.foreign);
    const fetched = (path, name, accept) => button(name, attempt(async () => save(await (await request(path, accept && { headers: { Accept: accept } })).blob(), name)));
    replace(this.downloads, h("div", { class: "buttons" },
      fetched("_mock/certs/ca.pem", "ca.pem"), fetched("_mock/certs/truststore.p12", "truststore.p12"),
      fetched("_mock/scenario", "scenario.yaml", "application/yaml"), fetched("_mock/openapi.json", "openapi.json"), fetched("_mock/requests.har", "journal.har")),
    bots.map(({ username }) => h("div", { class: "buttons", role: "group", "aria-label": username }, h("strong", {}, username), ["-combined.pem", ".pem", ".key", ".p12", "-rsa.pem"].map((suffix) => fetched(`_mock/certs/${part(username + suffix)}`, username + suffix)),
      button("SDK configurations", attempt(async () => this.#configurations(username)), { "aria-label": `SDK configurations of ${username}` }))));
  }

  async #configurations(bot) {
    const { files } = await get(`_mock/sdk-config/${part(bot)}`);
    const bytes = (file) => (file.base64 === undefined ? file.text : Uint8Array.from(atob(file.base64), (it) => it.charCodeAt(0)));
    await ask(`What SDKs read to log in as ${bot}`, h("ul", {}, files.map((file) => h("li", {}, button(file.name, () => save(new Blob([bytes(file)]), file.name.replaceAll("/", "-")))))), "Done");
  }
}

function line(...content) {
  return h("div", { class: "line" }, content);
}

function table(heads, rows) {
  return h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": heads[0] }, h("table", {}, h("thead", {}, h("tr", {}, heads.map((it) => h("th", { scope: "col" }, it || h("span", { class: "hidden" }, "Actions"))))),
    h("tbody", {}, rows.map((row) => h("tr", {}, row.map((it) => h("td", {}, typeof it === "number" ? String(it) : it)))))));
}
