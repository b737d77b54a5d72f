// Which run is looked at, what comes of it, and what is wished for it.

import { clear, clearSteps, draw } from "./draw.js";
import { make } from "./report.js";

const $ = (id) => document.getElementById(id);
const LOST = "the page lost its server; it tries again";
const LOOK = 2000; // milliseconds between two looks at the list
const GLANCE = 10000; // between two looks at a run whose tab is hidden
const AGAIN = 5000;
let stream = null;
let timer = 0;
let current = "";
let listed = "";

function say(text, className) {
  $("status").textContent = text;
  $("status").className = className || "";
}

async function list() {
  const runs = await (await fetch("/runs")).json();
  if (runs.error) throw new Error(runs.error);
  if (current || JSON.stringify(runs) === listed) return;
  listed = JSON.stringify(runs);
  const at = document.activeElement && document.activeElement.closest("#runs") ? document.activeElement.hash : "";
  $("runs").replaceChildren(...runs.map((run) => {
    const row = make("tr");
    const link = make("a", run.status === "damaged" ? run.id : run.question);
    link.href = "#" + encodeURIComponent(run.id);
    link.dir = "auto";
    const cells = [link, make("span", run.status, "status " + run.status, run.status === "damaged" ? run.question : ""), make("span", String(run.citations)), make("time", run.when.slice(0, 16).replace("T", " "), "", run.when)];
    for (const content of cells) row.appendChild(make("td")).append(content);
    return row;
  }));
  if (!runs.length) $("runs").append(make("tr", "No run yet."));
  const link = [...document.querySelectorAll("#runs a")].find((node) => node.hash === at);
  if (link) link.focus({ preventScroll: true });
}

/** Have the list looked at now and then, as long as it is shown. */
async function keepListing() {
  clearTimeout(timer);
  try {
    if (!document.hidden) await list();
    if (!current) say("");
  } catch (error) {
    if (!current) say(error instanceof TypeError ? LOST : error.message, "damaged"); // fetch fails with a TypeError
  }
  if (!current) timer = setTimeout(keepListing, LOOK);
}

function told(state, opened) {
  const view = state.view;
  const asked = { pause: "paused", stop: "stopped" }[state.wanted];
  document.title = `${view.status}: ${view.question}`;
  $("run").hidden = $("wishes").hidden = false;
  draw(state);
  say(asked && asked !== view.status ? `${view.status}, ${state.wanted} asked for` : view.status, view.status);
  if (opened) $("question").focus();
}

function fail(text) {
  if (stream) stream.close();
  stream = null;
  say(text, "damaged");
  document.title = text;
  document.querySelectorAll("[data-wish]").forEach((button) => { button.disabled = true; });
}

/** The stream was refused, and says not why; the run itself does. */
async function refused(id) {
  try {
    const answer = await fetch(`/runs/${encodeURIComponent(id)}`);
    const said = await answer.json();
    if (id !== current) return;
    if (said.error) return fail(said.error);
    say("too many pages watch already; this one tries again");
  } catch {
    if (id === current) say(LOST);
  }
  timer = setTimeout(() => { if (id === current && !document.hidden) watch(id, false); }, AGAIN);
}

/** Follow a run; `opened` tells whether a person has just gone to it. */
function watch(id, opened) {
  clearTimeout(timer);
  if (stream) stream.close();
  const mine = stream = new EventSource(`/runs/${encodeURIComponent(id)}/events`);
  let first = true;
  let focus = opened;
  mine.onopen = () => { first = true; };
  mine.onmessage = (message) => {
    if (mine !== stream) return;
    const state = JSON.parse(message.data);
    if (state.error) return fail(state.error);
    if (first) clearSteps(); // a stream that came back tells everything again
    first = false;
    told(state, focus);
    focus = false;
  };
  mine.onerror = () => {
    if (mine !== stream) return;
    if (mine.readyState === EventSource.CLOSED) refused(id);
    else say(LOST);
  };
}

/** A hidden tab holds no connection, of which a browser has six for all; its title still tells how the run stands. */
async function glance() {
  if (!document.hidden || !current) return;
  try {
    const { view } = await (await fetch(`/runs/${encodeURIComponent(current)}`)).json();
    if (view) document.title = `${view.status}: ${view.question}`;
  } catch { /* it is tried again */ }
  timer = setTimeout(glance, GLANCE);
}

function seen() {
  if (!current || !stream) return;
  clearTimeout(timer);
  if (!document.hidden) return watch(current, false);
  stream.close();
  timer = setTimeout(glance, GLANCE);
}

async function wish(name) {
  const id = current;
  say(`${name} …`);
  try {
    const answer = await fetch(`/runs/${encodeURIComponent(id)}/${name}`, { method: "POST", headers: { "X-Stepwell": "1" } });
    const said = await answer.json();
    if (id === current) say(said.done || said.error, said.error ? "damaged" : "");
  } catch {
    if (id === current) say("the page lost its server; nothing was asked for");
  }
}

function named() {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return location.hash.slice(1);
  }
}

function route(event) {
  const before = current;
  clearTimeout(timer);
  if (stream) stream.close();
  stream = null;
  current = named();
  $("list").hidden = Boolean(current);
  $("run").hidden = $("wishes").hidden = true; // until there is something to show
  clear();
  say("");
  if (current) return watch(current, Boolean(event));
  document.title = "Stepwell runs";
  listed = "";
  keepListing().then(() => {
    const left = [...document.querySelectorAll("#runs a")].find((node) => node.hash === "#" + encodeURIComponent(before));
    if (before && left) left.focus();
  });
}

for (const button of document.querySelectorAll("[data-wish]")) button.addEventListener("click", () => wish(button.dataset.wish));
window.addEventListener("hashchange", route);
document.addEventListener("visibilitychange", seen);
route();
