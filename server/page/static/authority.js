// Whom does the table trust, why, and since when?

import { get } from "./api.js";
import { desk } from "./change.js";
import { badge, count, el, number, say, trouble } from "./dom.js";
import { address, changed, visit } from "./place.js";

const TIERS = ["primary", "established", "reputable", "accountable"];
const KINDS = ["host", "domain", "suffix", "venue", "issn"];
const PAGE = 50;

/** The table and its history; beside them the desk where a change is written, tried and saved. */
export async function show(main, place, signal) {
  document.title = "Authority · Stepwell";
  const part = place.get("part") === "history" ? "history" : "table";
  const focused = document.activeElement?.id;
  const answer = el("div", { "data-answer": true });
  const tabs = el("nav", { class: "tabs", "aria-label": "Authority" }, [["table", "Table"], ["history", "History"]].map(([name, title]) =>
    el("a", { href: address({ view: "authority", part: name === "table" ? "" : name }), "aria-current": name === part && "page" }, title)));
  main.replaceChildren(el("h1", {}, "Authority"), tabs, answer);
  const { may_edit: mayEdit, version } = await get("/page/session", signal);
  const note = mayEdit ? null : el("p", { class: "hint" }, "Changes need a key with the scope authority.");
  if (part === "history") await history(answer, place, signal, mayEdit);
  else await table(answer, place, signal, mayEdit);
  tabs.append(el("span", { class: "version" }, "version ", el("code", {}, version)));
  if (note) tabs.after(note);
  if (focused) document.getElementById(focused)?.focus();
}

async function table(answer, place, signal, mayEdit) {
  const found = await get(listing(place, 0), signal);
  const body = el("tbody", {}, found.entries.map((entry) => row(entry, place, mayEdit)));
  const more = el("button", { type: "button", class: "quiet", on: { click: () => next() } }, "Show more");
  const shown = () => body.children.length;
  more.hidden = shown() >= found.total;
  async function next() {
    try {
      const { entries } = await get(listing(place, shown()), signal);
      body.append(...entries.map((entry) => row(entry, place, mayEdit)));
      more.hidden = shown() >= found.total || !entries.length;
      say(`${number(shown())} of ${count(found.total, "entry", "entries")}`);
    } catch (error) {
      more.replaceWith(trouble(error));
    }
  }
  const heads = ["source", "tier", "evidence"];
  answer.replaceChildren(
    el("div", { class: "authority" },
      el("div", {}, filters(place),
        el("div", { class: "wide", tabindex: "0", role: "region", "aria-label": "entries" },
          el("table", { class: "entries" }, el("caption", { class: "unseen" }, "Entries of the authority table"),
            el("thead", {}, el("tr", {}, heads.map((head) => el("th", { scope: "col" }, head)))), body)),
        found.total ? more : el("p", { class: "none" }, "No entry like that. Ask about an address: what no entry names is unlisted, which is no judgement on it.")),
      el("aside", { "aria-label": "Ask and change" }, explaining(), mayEdit && await desk(place, signal))));
  say(count(found.total, "entry", "entries"));
}

function listing(place, offset) {
  const fields = { match: place.get("match"), tier: place.get("tier"), kind: place.get("key_kind"), limit: PAGE, offset };
  return `/page/authority?${new URLSearchParams(fields)}`;
}

function row(entry, place, mayEdit) {
  const edit = mayEdit && el("a", { href: address({ view: "authority", match: place.get("match"), tier: place.get("tier"), key_kind: place.get("key_kind"), edit: entry.key }),
    "aria-label": `Change ${entry.key}` }, "Change");
  return el("tr", { "data-key": entry.key },
    el("th", { scope: "row" }, entry.key, el("span", { class: "under" }, entry.note, " ", edit)),
    el("td", {}, badge(entry), el("span", { class: "under" }, entry.topics.join(", ") || "any topic")),
    el("td", { class: "evidence" }, grounds(entry.evidence)));
}

function filters(place) {
  const form = el("form", { class: "row", role: "search", on: { submit: (event) => {
    event.preventDefault();
    const fields = new FormData(form);
    visit(changed({ match: fields.get("match").trim(), tier: fields.get("tier"), key_kind: fields.get("key_kind"), edit: "" }));
  } } },
  el("label", { class: "unseen", for: "match" }, "Find entries"),
  el("input", { id: "match", name: "match", type: "search", value: place.get("match"), placeholder: "who.int, university, DE …", maxlength: 200 }),
  select("tier", "Any tier", TIERS, place), select("key_kind", "Any kind", KINDS, place), el("button", {}, "Find"));
  form.addEventListener("change", (event) => event.target.matches("select") && form.requestSubmit());
  return form;
}

function select(name, all, values, place) {
  return el("select", { name, id: name, "aria-label": all }, ["", ...values].map((value) => el("option", { value, selected: value === place.get(name) }, value || all)));
}

function explaining() {
  const said = el("div", { "aria-live": "polite" });
  const form = el("form", { on: { submit: async (event) => {
    event.preventDefault();
    try {
      said.replaceChildren(explained(await get(`/page/authority/explain?${new URLSearchParams({ url: new FormData(form).get("url").trim() })}`)));
    } catch (error) {
      said.replaceChildren(trouble(error));
    }
  } } }, el("label", { for: "url" }, "Why is an address trusted, or not?"), el("div", { class: "row" },
    el("input", { id: "url", name: "url", required: true, maxlength: 2000, placeholder: "https://www.who.int/news", spellcheck: "false", autocomplete: "off" }),
    el("button", { class: "quiet" }, "Ask")));
  return el("section", { class: "card" }, form, said);
}

function explained(found) {
  return el("div", {}, el("p", {}, badge(found.entry), found.entry ? ` by the entry ${found.entry.key}` : ` ${found.host} has no entry`),
    el("ol", { class: "steps" }, found.steps.map((step) => el("li", {}, `${step.kind} `, el("code", {}, step.key), step.listed ? ": listed" : ": not listed"))),
    found.remark && el("p", { class: "hint" }, found.remark));
}

async function history(answer, place, signal, mayEdit) {
  const key = place.get("key");
  const found = await get(`/page/authority/history?${new URLSearchParams({ key, limit: 200 })}`, signal);
  const items = found.changes.map((change) => el("li", {},
    el("p", { class: "about" }, el("strong", {}, change.action), change.key && el("a", { href: address({ view: "authority", part: "history", key: change.key }) }, change.key),
      el("time", { datetime: change.when }, change.when.replace("T", " ").slice(0, 16)), el("span", {}, `by ${change.who}`), el("span", {}, `change ${change.number}`)),
    el("p", {}, change.why), lines(change),
    mayEdit && change.key && el("a", { href: address({ view: "authority", edit: change.key, revert: change.number }), class: "small" }, "Undo…")));
  answer.replaceChildren(key ? el("p", {}, `Changes of ${key}. `, el("a", { href: address({ view: "authority", part: "history" }) }, "All changes")) : "",
    items.length ? el("ol", { class: "history", reversed: true }, items) : el("p", { class: "none" }, "Nobody has changed this table."));
  say(count(found.total, "change"));
}

function line(row) {
  return row.split("\t").filter(Boolean).join(" · ");
}

function lines(change) {
  if (!change.before && !change.after) return null;
  return el("div", { class: "diff" }, change.before && el("del", {}, line(change.before)), change.after && el("ins", {}, line(change.after)));
}

/** The evidence as it is written; the date at its end stays in one piece. */
function grounds(text) {
  const [, words, date] = /^(.*:)(\d{4}-\d\d-\d\d)$/s.exec(text) ?? [null, text, ""];
  return [words, date && el("span", { class: "whole" }, date)];
}
