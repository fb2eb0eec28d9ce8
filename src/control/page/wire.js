// What came over the wire: the journal as it grows, one request in full, and why it was refused.

import { base, get, remove, request } from "./api.js";
import { attempt, button, copy, field, h, notice, replace, save, time } from "./dom.js";
import { Rows } from "./vlist.js";

const MOST = 20000;

export class Wire {
  records = [];
  under = "";
  constructor(live, openExplained) {
    const filter = (label, control) => {
      control.addEventListener("input", () => this.#draw());
      return field(label, control);
    };
    this.text = h("input", { type: "search", placeholder: "path, operation, trace id" });
    this.user = h("select", {}, h("option", { value: "" }, "everybody"));
    this.status = h("select", {}, [["", "any"], ["2", "2xx"], ["4", "4xx"], ["5", "5xx"], ["refused", "refused"], ["fault", "with a fault"], ["handshake", "TLS handshakes"]].map(([value, shown]) => h("option", { value }, shown)));
    this.polls = h("select", {}, [["fold", "folded"], ["all", "each"], ["none", "none"]].map(([value, shown]) => h("option", { value }, shown)));
    this.count = h("p", { role: "status" });
    this.detail = h("section", { class: "panel detail", "aria-label": "Request", tabindex: -1 }, h("p", {}, "Choose a request to see it in full."));
    this.rows = new Rows({ label: "Requests", height: 30, row: (row) => this.#row(row), open: attempt(({ record }) => this.#open(record.id)) });
    this.element = h("div", { class: "wire" },
      h("div", { class: "filters", role: "search" }, filter("Search", this.text), filter("Who", this.user), filter("Status", this.status), filter("Reads of feeds", this.polls),
        h("div", { class: "buttons" },
          button("Why was the last one refused?", attempt(() => this.#why(null))),
          button("Hints", attempt(() => this.#hints())),
          button("HAR", attempt(async () => save(await (await request("_mock/requests.har")).blob(), "journal.har"))),
          button("Clear", attempt(() => remove("_mock/requests"))))),
      this.count, h("div", { class: "split" }, this.rows.element, this.detail));
    live.addEventListener("request", ({ detail }) => { this.#take(detail); this.#drawSoon(); });
    live.addEventListener("cleared", ({ detail }) => {
      this.records = this.records.filter((record) => record.id > detail.last);
      this.#drawSoon();
    });
    live.addEventListener("gap", attempt(() => { this.records = []; return this.start(); }));
    live.addEventListener("lagged", attempt(({ detail }) => detail.what === "requests" && this.start()));
  }

  async start() {
    const { requests, dropped } = await get("_mock/requests?limit=10000");
    const newest = requests.at(-1)?.id ?? 0;
    const since = this.records.filter((record) => record.id > newest);
    this.dropped = dropped;
    this.records = requests.map((record) => ({ ...record, request: undefined, response: undefined })).concat(since);
    this.users = new Set();
    for (const record of this.records) this.#know(record);
    this.#draw();
  }

  #take(record) {
    if (record.id <= (this.records.at(-1)?.id ?? 0)) return;
    this.records.push(record);
    if (this.records.length > MOST) this.records.splice(0, 1000);
    this.#know(record);
  }

  #know(record) {
    const who = record.user ?? record.app;
    this.users ??= new Set();
    if (!who || this.users.has(who)) return;
    this.users.add(who);
    this.user.append(h("option", { value: who }, who));
  }

  // Once for all that came in a frame.
  #drawSoon() {
    this.frame ??= requestAnimationFrame(() => { this.frame = null; this.#draw(); });
  }

  #draw() {
    const text = this.text.value.toLowerCase();
    const { value: who } = this.user;
    const { value: status } = this.status;
    const fits = (record) =>
      (!who || record.user === who || record.app === who) &&
      (!text || `${record.method} ${record.path} ${record.operation} ${record.traceId} ${record.handshake}`.toLowerCase().includes(text)) &&
      (this.polls.value !== "none" || !isPoll(record)) &&
      (!status || (status === "refused" ? record.refusal || record.handshake || record.unreadable : status === "fault" ? record.fault : status === "handshake" ? record.handshake : String(record.status).startsWith(status)));
    const shown = this.records.filter(fits);
    const dropped = this.dropped ? `, ${this.dropped} older ones were forgotten` : "";
    const counted = `${shown.length} of ${this.records.length} requests${dropped}`;
    if (this.count.textContent !== counted) this.count.textContent = counted;
    const rows = timeline(shown, this.polls.value === "fold");
    this.rows.chosen = rows.findIndex(({ record }) => record.id === this.openId);
    this.rows.set(rows);
  }

  #row({ record, polls, note }) {
    const kind = record.handshake ? "bad" : record.status >= 500 ? "bad" : record.status >= 400 ? "odd" : record.status ? "good" : "odd";
    return h("div", { class: "row" },
      h("span", { class: `status ${kind}` }, record.handshake ? "TLS" : String(record.status ?? "left")),
      h("span", { class: "when" }, record.time.slice(11, 23)),
      h("span", { class: "who" }, record.user ?? record.app ?? ""),
      h("span", { class: "what" }, polls > 1 ? `${polls} reads of a feed, the last: ` : "", record.handshake ?? record.unreadable ?? `${record.method} ${record.path}`),
      note && h("span", { class: "note" }, note),
      record.fault && h("span", { class: "fault" }, record.fault),
      h("span", { class: "took" }, `${(record.latencyMicros / 1000).toFixed(1)} ms`));
  }

  async #open(id) {
    this.openId = id;
    const record = await get(`_mock/requests/${id}`);
    const why = await get(`_mock/requests/${id}/why`);
    const title = record.handshake ? "A TLS handshake that failed" : record.unreadable ? "What is no request" : `${record.method} ${record.path}`;
    replace(this.detail, h("h2", {}, title),
      h("p", {}, [record.status && `Status ${record.status}`, record.operation, record.protocol, `port ${record.port} (${record.listener})`, `${record.latencyMicros / 1000} ms`, record.user && `by ${record.user}`, record.app && `app ${record.app}`, record.traceId && `trace ${record.traceId}`, record.aborted && "the client left before the end"].filter(Boolean).join(" · ")),
      record.fault && h("p", { class: "fault" }, `Fault: ${record.fault}`),
      record.method && h("div", { class: "buttons" }, button("Copy as curl", () => copy(curl(record)))),
      explained(why),
      side("Request", record.request), side("Answer", record.response),
      record.certificate && section("Client certificate", h("dl", {}, Object.entries(record.certificate).flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, String(value))]))));
    this.detail.scrollTop = 0;
  }

  // What a failing test should look at although nothing was refused.
  async #hints() {
    const { hints } = await get("_mock/hints");
    this.openId = null;
    replace(this.detail, h("h2", {}, "What to look at"), hints.length === 0 ? h("p", {}, "Nothing is known to be amiss.") : h("ul", {}, hints.map((hint) => h("li", { class: "hint" }, hint))));
    this.detail.focus();
  }

  async #why() {
    const why = await get("_mock/why").catch((error) => (error.status === 404 ? notice(error.message, "good") : Promise.reject(error)));
    if (why) await this.#open(why.id);
    this.detail.focus();
  }
}

// A read of a feed that went well: there is one after the other, all day.
function isPoll(record) {
  return record.status < 300 && !record.fault && /\/datafeeds?\/[^/]+\/read$|\/events\/read$/.test(record.path?.split("?")[0]);
}

// Requests in their order, as the story of those who sent them: reads that follow each other are one row, and what somebody does again
// because it failed, logs in for, or lost says so.
export function timeline(records, fold) {
  const rows = [];
  const last = new Map();
  for (const record of records) {
    const who = record.user ?? record.app ?? record.certificate?.commonName ?? "";
    const before = last.get(who);
    if (fold && isPoll(record) && before && isPoll(before.record) && rows.at(-1) === before) {
      Object.assign(before, { record, polls: before.polls + 1 });
      continue;
    }
    const failed = before && (before.record.status >= 400 || before.record.aborted);
    const row = { record, polls: 1, note: null };
    if (record.operation && failed && before.record.operation === record.operation) row.note = "again";
    else if (/authenticate/.test(record.operation) && record.status < 300) row.note = "login";
    else if (record.refusal?.kind === "SessionInvalid") row.note = "session is over";
    else if (/Feed.*Unknown|FeedUnknown/.test(record.refusal?.kind)) row.note = "feed is gone";
    rows.push(row);
    last.set(who, row);
  }
  return rows;
}

function section(title, ...content) {
  return h("section", {}, h("h3", {}, title), content);
}

function explained(why) {
  return section(why.refused ? "Why it was refused" : "What was decided",
    h("p", { class: why.refused ? "refusal" : "" }, why.line),
    h("ol", { class: "steps" }, why.steps.map((step) => h("li", { class: step.ok ? "ok" : "not" }, h("span", { role: "img", "aria-label": step.ok ? "good" : "bad" }, step.ok ? "✓" : "✗"), ` ${step.step}: ${step.detail}`))),
    why.hints.map((hint) => h("p", { class: "hint" }, hint)));
}

function side(title, side) {
  if (!side) return null;
  const { headers, body } = side;
  return section(title,
    h("table", {}, h("thead", { class: "hidden" }, h("tr", {}, h("th", { scope: "col" }, "Header"), h("th", { scope: "col" }, "Value"))),
      h("tbody", {}, Object.entries(headers).map(([name, value]) => h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, String(value)))))),
    body && h("p", {}, `${body.bytes} bytes${body.truncated ? ", of which the beginning was kept" : ""}${body.unread ? ", not all of it was read" : ""}`),
    body?.json !== undefined && h("pre", { tabindex: 0, "aria-label": `Body of the ${title.toLowerCase()}` }, JSON.stringify(body.json, null, 2)),
    body?.text !== undefined && h("pre", { tabindex: 0, "aria-label": `Body of the ${title.toLowerCase()}` }, body.text),
    body?.base64 !== undefined && h("pre", { tabindex: 0, "aria-label": `Body of the ${title.toLowerCase()}, in base64` }, body.base64),
    body?.parts?.map((it) => h("div", {}, h("h4", {}, `Part ${it.name ?? ""} ${it.fileName ?? ""} ${it.contentType ?? ""} (${it.bytes} bytes)`), it.text != null && h("pre", { tabindex: 0, "aria-label": `Part ${it.name ?? ""}` }, it.text))));
}

// Secrets are stand-ins in the journal: the shell takes the session's token from a variable.
export function curl(record) {
  const quote = (text) => `'${String(text).replaceAll("'", "'\\''")}'`;
  const left = new Set(["host", "content-length", "connection", "accept-encoding", "transfer-encoding"]);
  const pod = base.replace(/\/$/, "");
  const parts = [`curl --cacert ca.pem -X ${quote(record.method)} ${quote(`https://${location.hostname}:${record.port}${pod}${record.path}`)}`];
  for (const [name, value] of Object.entries(record.request?.headers ?? {})) {
    if (left.has(name)) continue;
    if (name === "sessiontoken") parts.push('-H "sessionToken: $SESSION_TOKEN"');
    else if (name === "keymanagertoken") parts.push('-H "keyManagerToken: $KEY_MANAGER_TOKEN"');
    else if (name === "authorization") parts.push('-H "Authorization: Bearer $TOKEN"');
    else if (name === "content-type" && record.request.body?.parts) continue;
    else parts.push(`-H ${quote(`${name}: ${value}`)}`);
  }
  if (record.certificate?.commonName) parts.push(`--cert ${quote(`${record.certificate.commonName}-combined.pem`)}`);
  const body = record.request?.body;
  if (body?.json !== undefined) parts.push(`--data-raw ${quote(JSON.stringify(body.json))}`);
  else if (body?.text !== undefined) parts.push(`--data-raw ${quote(body.text)}`);
  else for (const it of body?.parts ?? []) parts.push(it.fileName ? `-F ${quote(`${it.name}=@${it.fileName}`)}` : `--form-string ${quote(`${it.name}=${it.text ?? ""}`)}`);
  return parts.join(" \\\n  ");
}

