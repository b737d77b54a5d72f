"use strict";
// Every text is put in with textContent: what models and sources wrote is never read as HTML.

const $ = (id) => document.getElementById(id);
let stream = null;
let current = "";

function make(tag, text, className, title) {
  const node = document.createElement(tag);
  if (text) node.textContent = text;
  if (className) node.className = className;
  if (title) node.title = title;
  return node;
}

const VERDICTS = new Set(["supported", "partial", "unsupported", "unknown", "uncited"]);
const verdict = (name) => (VERDICTS.has(name) ? name : "unknown");

async function list() {
  const answer = await fetch("/runs");
  const runs = await answer.json();
  $("runs").replaceChildren(...runs.map((run) => {
    const row = make("tr");
    const link = make("a", run.question || "(damaged)");
    link.href = "#" + encodeURIComponent(run.id);
    const cell = make("td");
    cell.append(link);
    row.append(cell, make("td", run.status, "status " + run.status), make("td", String(run.citations)), make("td", run.when));
    return row;
  }));
  if (!runs.length) $("runs").append(make("tr", "No run yet."));
}

function bar(budget) {
  const line = make("div", "", "bar");
  const part = Math.min(1, budget.used / budget.limit);
  const meter = make("meter");
  Object.assign(meter, { min: 0, max: 1, high: 0.75, low: 0.7, optimum: 0, value: part });
  meter.setAttribute("aria-label", budget.what);
  line.append(make("span", budget.what), meter, make("span", `${number(budget.used)} of ${number(budget.limit)}`));
  return line;
}

const number = (value) => value.toLocaleString("en", { maximumFractionDigits: 4 });
const MARKS = { completed: "✓", in_progress: "▸", blocked: "✗", pending: "○" };

function step(event) {
  const line = make("li", "", event.ok ? event.kind : event.kind + " failed");
  line.append(make("time", new Date(event.time * 1000).toISOString().slice(11, 19)), make("span", event.line));
  if (event.taint) line.append(make("span", event.taint, "taint", "text of other people, or made after reading it"));
  if (event.text) line.append(make("details"));
  const said = line.querySelector("details");
  if (said) said.append(make("summary", "said"), make("p", event.text));
  return line;
}

let tips = 0;
let words = null; // headings and marks in the asker's language

function piece(part) {
  if (part.style === "cite") {
    const around = make("span", "", "around " + verdict(part.verdict));
    const link = make("a", part.text, "cite " + verdict(part.verdict));
    const tip = make("span", "", "quote");
    tip.id = "tip" + (tips += 1);
    tip.setAttribute("role", "tooltip");
    tip.append(make("b", words.verdicts[verdict(part.verdict)], verdict(part.verdict)), document.createTextNode(" " + part.hover));
    link.href = "#";
    link.setAttribute("aria-describedby", tip.id);
    link.addEventListener("click", (event) => { event.preventDefault(); show(part.span); });
    link.addEventListener("keydown", (event) => { if (event.key === "Escape") around.classList.add("closed"); });
    link.addEventListener("blur", () => around.classList.remove("closed"));
    around.append(link, tip);
    return around;
  }
  if (part.style === "mark") return make("span", part.hover ? `${part.text}: ${part.hover}` : part.text, "mark " + verdict(part.verdict));
  const tag = { strong: "strong", em: "em", code: "code" }[part.style];
  return tag ? make(tag, part.text) : document.createTextNode(part.text);
}

const TAGS = { p: "p", li: "li", quote: "blockquote", pre: "pre", row: "p", h1: "h3", h2: "h3", h3: "h4", h4: "h5", h5: "h6", h6: "h6" };

const nothing = () => [{ kind: "p", pieces: [{ text: words.unwritten, style: "", verdict: "", span: "", hover: "" }] }];
let written = "";

function report(blocks) {
  const now = JSON.stringify(blocks);
  if (now === written) return; // what has the focus or is being read stays where it is
  written = now;
  const nodes = [];
  for (const block of blocks) {
    const node = make(TAGS[block.kind] || "p", "", block.kind === "row" ? "row" : "");
    node.append(...block.pieces.map(piece));
    const last = nodes[nodes.length - 1];
    if (block.kind !== "li") nodes.push(node);
    else if (last && last.tagName === "UL") last.append(node);
    else { const ul = make("ul"); ul.append(node); nodes.push(ul); }
  }
  $("report").replaceChildren(...nodes);
}

function source(shown) {
  const item = make("li", "", shown.number ? "cited" : "");
  if (shown.number) item.append(make("span", `[${shown.number}] `, "number"));
  let title = make("span", shown.title || "(no title)", "title");
  if (shown.url) {
    title = make("a", shown.title || shown.url, "title");
    title.href = shown.url;
    title.rel = "noreferrer noopener";
    title.target = "_blank";
  }
  item.append(title, make("span", shown.tier ? `${shown.tier} ${shown.authority.toFixed(2)}` : words.unlisted, "tier " + (shown.tier ? "listed" : "")));
  item.append(make("p", shown.about, "about"));
  const quotes = make("details");
  quotes.append(make("summary", shown.held));
  for (const span of shown.spans) {
    const quote = make("blockquote", `${span.id}: ${span.text}`, span.cited ? "cited" : "");
    quote.dataset.span = span.id;
    quotes.append(quote);
  }
  if (shown.number) quotes.open = shown.spans.some((span) => span.cited) && shown.spans.length <= 3;
  item.append(quotes);
  return item;
}

function dispute(matter) {
  const item = make("li", matter.about, "dispute");
  const sides = make("ul");
  for (const side of matter.sides) {
    const line = make("li");
    const who = make("a", side.who);
    who.href = "#";
    who.addEventListener("click", (event) => { event.preventDefault(); show(side.span); });
    line.append(who, make("span", side.trust, "tier"), make("blockquote", side.quote));
    sides.append(line);
  }
  item.append(sides);
  return item;
}

function show(id) {
  document.querySelectorAll("blockquote.found").forEach((node) => node.classList.remove("found"));
  const quote = [...document.querySelectorAll("[data-span]")].find((node) => node.dataset.span === id);
  if (!quote) return;
  quote.closest("details").open = true;
  quote.classList.add("found");
  quote.scrollIntoView({ block: "center" });
}

function draw(state) {
  const view = state.view;
  words = view.words;
  for (const [id, text] of [["report-head", words.report], ["evidence-head", words.evidence]]) $(id).textContent = text;
  for (const [id, label] of [["middle", words.report], ["right", words.evidence]]) {
    $(id).lang = view.language;
    $(id).setAttribute("aria-label", label);
  }
  document.title = `${view.status}: ${view.question}`;
  $("question").textContent = view.question;
  $("status").textContent = state.wanted ? `${view.status}, ${state.wanted} asked for` : view.status;
  $("status").className = view.status;
  $("about").textContent = `${view.id} · ${view.model} · ${view.steps} steps · ${number(view.read)} tokens read, ${number(view.written)} written · cost ${number(view.cost)}${view.estimated ? " (estimated: the endpoint does not count)" : ""}`;
  $("bars").replaceChildren(...view.bars.map(bar));
  $("plan").replaceChildren(...view.plan.map((item) => make("li", `${MARKS[item.status] || "○"} ${item.text}`, item.status)));
  if (!view.plan.length) $("plan").append(make("li", "none", "empty"));
  $("steps").append(...state.steps.map(step));
  const live = $("live");
  live.hidden = !state.live;
  live.textContent = state.live;
  report(view.report.length ? view.report : nothing());
  $("verdicts").replaceChildren(...Object.entries(view.verdicts).map(([name, n]) => make("span", `${n} ${words.verdicts[verdict(name)]}`, "key " + verdict(name))));
  $("partial").hidden = view.status !== "partial";
  $("partial").textContent = `${words.partial}: ${view.reason}`;
  const notes = [];
  for (const [head, lines] of [[words.disagree, view.conflicts.map(dispute)], [words.missing, view.missing.map((text) => make("li", text))]]) {
    if (!lines.length) continue;
    const ul = make("ul");
    ul.append(...lines);
    notes.push(make("h3", head), ul);
  }
  $("notes").replaceChildren(...notes);
  $("count").textContent = words.met;
  const open = new Set([...document.querySelectorAll("#sources details[open]")].map((node) => node.parentElement.dataset.key));
  $("sources").replaceChildren(...view.sources.map((shown) => {
    const node = source(shown);
    node.dataset.key = shown.title;
    if (open.has(shown.title)) node.querySelector("details").open = true;
    return node;
  }));
  const over = view.status === "complete" || view.status === "partial" || view.status === "open";
  for (const button of document.querySelectorAll("[data-wish]")) {
    const may = { pause: view.status === "running", stop: !over || view.status === "open", resume: view.status !== "running" && view.status !== "complete" };
    button.disabled = !may[button.dataset.wish];
  }
}

async function wish(name) {
  const answer = await fetch(`/runs/${encodeURIComponent(current)}/${name}`, { method: "POST", headers: { "X-Stepwell": "1" } });
  const said = await answer.json();
  $("status").textContent = said.done || said.error;
}

function route() {
  if (stream) stream.close();
  stream = null;
  current = decodeURIComponent(location.hash.slice(1));
  $("list").hidden = Boolean(current);
  $("run").hidden = $("wishes").hidden = !current;
  $("steps").replaceChildren();
  $("status").textContent = "";
  written = "";
  if (!current) { document.title = "Stepwell runs"; list(); return; }
  stream = new EventSource(`/runs/${encodeURIComponent(current)}/events`);
  let first = true;
  stream.onopen = () => { first = true; };
  stream.onmessage = (message) => {
    if (first) $("steps").replaceChildren(); // a stream that came back tells everything again
    first = false;
    const state = JSON.parse(message.data);
    if (state.error) { stream.close(); $("status").textContent = state.error; return; }
    draw(state);
  };
  stream.onerror = () => { $("status").textContent = "the page lost its server; it tries again"; };
}

for (const button of document.querySelectorAll("[data-wish]")) button.addEventListener("click", () => wish(button.dataset.wish));
window.addEventListener("hashchange", route);
route();
