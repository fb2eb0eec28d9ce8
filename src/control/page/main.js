// The page: its views, the pod it is about, and what goes on.

import { base, get, Live } from "./api.js";
import { attempt, h, replace } from "./dom.js";
import { Bench } from "./bench.js";
import { Chat } from "./chat.js";
import { Levers } from "./levers.js";
import { Wire } from "./wire.js";

const view = document.getElementById("view");
const live = new Live();
const chosen = new URLSearchParams(location.search).get("as");
const made = {};
const makers = { chat: () => new Chat(live, chosen), wire: () => new Wire(live), bench: () => new Bench(), levers: () => new Levers(live) };

async function show() {
  const name = location.hash.slice(1) in makers ? location.hash.slice(1) : "chat";
  for (const link of document.querySelectorAll("#views a")) {
    if (link.hash === `#${name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = `${name[0].toUpperCase()}${name.slice(1)} – ${pod}`;
  const fresh = !made[name];
  const shown = (made[name] ??= makers[name]());
  replace(view, shown.element);
  if (fresh || name === "levers") await shown.start();
  // What was not in the document forgot where it was scrolled to.
  else if (shown.log) shown.log.showAll(true);
}

// The pod of the page's address: /t/NAME/, the main one without.
const pod = /\/t\/([^/]+)\/$/.exec(base)?.[1] ?? "main";
const root = base.replace(/t\/[^/]+\/$/, "");

async function pods() {
  const { pods } = await get("_mock/pods");
  const select = document.getElementById("pod");
  replace(select, pods.map(({ name, podName }) => h("option", { value: name, selected: name === decodeURIComponent(pod) }, name === "main" ? podName : `${name} (${podName})`)));
  select.onchange = () => (location.href = select.value === "main" ? `${root}${location.hash}` : `${root}t/${encodeURIComponent(select.value)}/${location.hash}`);
}

const clock = document.getElementById("clock");
let reading = null;
function draw() {
  if (!reading) return;
  const now = reading.frozen ? reading.now : reading.now + (performance.now() - reading.at);
  clock.textContent = `${new Date(Math.min(now, 8.64e15)).toISOString().slice(0, 19).replace("T", " ")}${reading.frozen ? " ❄ frozen" : ""}`;
}
const read = (clock) => { reading = { ...clock, at: performance.now() }; draw(); };
setInterval(draw, 1000);

live.addEventListener("hello", ({ detail }) => read(detail.clock));
live.addEventListener("clock", ({ detail }) => read(detail));
live.addEventListener("restored", ({ detail }) => read(detail.clock));
live.addEventListener("state", ({ detail }) => {
  const state = document.getElementById("live");
  state.textContent = detail.state;
  state.className = detail.state;
});
addEventListener("hashchange", attempt(show));

await attempt(pods)();
live.run();
await attempt(show)();
document.documentElement.dataset.ready = "";
