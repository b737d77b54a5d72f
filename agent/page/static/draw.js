// A run as it stands. A part is drawn anew only where it changed, so that focus, scrolling and what was opened stay.

import { make, report, verdict } from "./report.js";

const $ = (id) => document.getElementById(id);
const MARKS = { completed: "✓", in_progress: "▸", blocked: "✗", pending: "○" };
const number = (value) => value.toLocaleString("en", { maximumFractionDigits: 4 });
let budgets = { bars: [], at: 0 }; // as they were told, and when, where time goes on
const drawn = new Map(); // what each part was drawn from

/** Whether this part is to be drawn; remembers from what. */
function changed(part, value) {
  const now = JSON.stringify(value);
  if (drawn.get(part) === now) return false;
  drawn.set(part, now);
  return true;
}

/** Nothing of the run before stays. */
export function clear() {
  drawn.clear();
  budgets = { bars: [], at: 0 };
  for (const id of ["question", "about", "bars", "plan", "steps", "verdicts", "partial", "report", "notes", "count", "sources"]) $(id).replaceChildren();
  $("live").hidden = true;
}

export function clearSteps() {
  $("steps").replaceChildren();
}

function bar(budget) {
  const line = make("div", "", "bar");
  const meter = make("meter");
  Object.assign(meter, { min: 0, max: 1, high: 0.75, low: 0.7, optimum: 0, value: Math.min(1, budget.used / budget.limit) });
  meter.setAttribute("aria-label", budget.what);
  line.append(make("span", budget.what), meter, make("span", `${number(budget.used)} of ${number(budget.limit)}`));
  return line;
}

/** The budgets now: while the run goes on, its seconds do. */
function spent() {
  const since = budgets.at ? (performance.now() - budgets.at) / 1000 : 0;
  const now = budgets.bars.map((one) => (one.what === "seconds" ? { ...one, used: Math.round(one.used + since) } : one));
  if (changed("bars", now)) $("bars").replaceChildren(...now.map(bar));
}

setInterval(() => { if (budgets.at) spent(); }, 1000);

function step(event) {
  const line = make("li", "", event.ok ? event.kind : event.kind + " failed");
  const when = new Date(event.time * 1000).toISOString();
  line.append(make("time", when.slice(11, 19), "", `${when.slice(0, 19)}Z`), make("span", event.line, "line"));
  if (event.taint) line.append(make("span", event.taint, "taint", "text of other people, or made after reading it"));
  if (event.text) {
    const said = make("details");
    said.append(make("summary", "said"), make("p", event.text));
    line.append(said);
  }
  return line;
}

/** Change what a node holds; who looks at its end goes on seeing it, and who has scrolled away stays there. */
function growing(node, change) {
  const follows = node.scrollHeight - node.scrollTop - node.clientHeight < 40;
  change(node);
  if (follows) node.scrollTop = node.scrollHeight;
}

function source(shown, words) {
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
  quotes.open = shown.number > 0 && shown.spans.length <= 3;
  item.append(quotes);
  return item;
}

/** A source's node: the one that is there where nothing of it changed, else another, open or closed as its reader left that. */
function kept(shown, words, old) {
  const fresh = changed("source " + shown.id, shown);
  if (old && !fresh) return old;
  const node = source(shown, words);
  const quotes = node.querySelector("details");
  node.dataset.key = shown.id;
  if (old && old.dataset.touched) {
    quotes.open = old.querySelector("details").open;
    node.dataset.touched = "yes";
  }
  quotes.querySelector("summary").addEventListener("click", () => { node.dataset.touched = "yes"; });
  return node;
}

/** The sources; nodes that stay where they are keep the focus, and what takes the place of one takes its focus too. */
function sources(list, words) {
  const place = $("sources");
  const before = new Map([...place.children].map((node) => [node.dataset.key, node]));
  const active = place.contains(document.activeElement) ? document.activeElement : null;
  const key = active && active.closest("li").dataset.key;
  list.forEach((shown, i) => {
    const node = kept(shown, words, before.get(shown.id));
    if (place.children[i] !== node) place.insertBefore(node, place.children[i] || null);
    if (before.has(shown.id) && before.get(shown.id) !== node) before.get(shown.id).remove();
  });
  while (place.children.length > list.length) place.lastElementChild.remove();
  if (!active || active === document.activeElement) return;
  const now = [...place.children].find((node) => node.dataset.key === key);
  if (now) now.querySelector(active.tagName.toLowerCase()).focus({ preventScroll: true });
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
  quote.closest("li").dataset.touched = "yes";
  quote.closest("details").open = true;
  quote.classList.add("found");
  quote.scrollIntoView({ block: "center" });
}

/** The report; the citation that has the focus keeps it. */
function text(blocks, words) {
  const cites = () => [...document.querySelectorAll("#report .cite")];
  const at = cites().indexOf(document.activeElement);
  $("report").replaceChildren(...report(blocks, words, show));
  if (at >= 0 && cites()[at]) cites()[at].focus({ preventScroll: true });
}

function notes(view) {
  const parts = [];
  for (const [head, lines] of [[view.words.disagree, view.conflicts.map(dispute)], [view.words.missing, view.missing.map((line) => make("li", line))]]) {
    if (!lines.length) continue;
    const ul = make("ul");
    ul.append(...lines);
    parts.push(make("h3", head), ul);
  }
  $("notes").replaceChildren(...parts);
}

function wishes(view) {
  const over = view.status === "complete" || view.status === "partial";
  const may = { pause: view.status === "running", stop: !over, resume: view.status !== "running" && view.status !== "complete" };
  for (const button of document.querySelectorAll("[data-wish]")) {
    const off = !may[button.dataset.wish];
    if (off && button === document.activeElement) $("question").focus(); // else the focus is nowhere
    button.disabled = off;
  }
}

/** Draw a run's state; `fresh` are the steps that are new. */
export function draw(state) {
  const view = state.view;
  const words = view.words;
  for (const [id, label] of [["middle", words.report], ["right", words.evidence]]) {
    $(id).lang = view.language;
    $(id).setAttribute("aria-label", label);
  }
  $("report-head").textContent = words.report;
  $("evidence-head").textContent = words.evidence;
  $("question").textContent = view.question;
  $("question").lang = view.language;
  $("about").textContent = `${view.id} · ${view.model} · ${view.steps} steps · ${number(view.read)} tokens read, ${number(view.written)} written · cost ${number(view.cost)}${view.estimated ? " (estimated: the endpoint does not count)" : ""}`;
  budgets = { bars: view.bars, at: view.status === "running" ? performance.now() : 0 };
  spent();
  $("plan").replaceChildren(...view.plan.map((item) => make("li", `${MARKS[item.status] || "○"} ${item.text}`, item.status)));
  if (!view.plan.length) $("plan").append(make("li", "none", "empty"));
  growing($("steps"), (list) => list.append(...state.steps.map(step)));
  $("live").hidden = !state.live;
  growing($("live"), (live) => { live.textContent = state.live; });
  const unwritten = [{ kind: "p", pieces: [{ text: words.unwritten }] }];
  if (changed("report", view.report)) text(view.report.length ? view.report : unwritten, words);
  $("verdicts").replaceChildren(...Object.entries(view.verdicts).flatMap(([name, n]) => [" ", make("span", `${n} ${words.verdicts[verdict(name)]}`, "key " + verdict(name))]));
  $("partial").hidden = view.status !== "partial";
  $("partial").textContent = `${words.partial}${words.colon}${view.reason}`;
  $("unanswered").hidden = !view.unanswered;
  $("unanswered").textContent = view.unanswered;
  if (changed("notes", [view.conflicts, view.missing])) notes(view);
  $("count").textContent = words.met;
  sources(view.sources, words);
  wishes(view);
}
