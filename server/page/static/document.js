// What does a document say, and where is the passage that was found?

import { post } from "./api.js";
import { badge, count, el, number, say, source, units } from "./dom.js";
import { address, back, changed, visit } from "./place.js";

const SHOWN = 100_000; // characters of the text at once: more is slow to lay out, and may be more than one reply holds

/** A document with the passage of `at` (code points, `start-end`) marked; of a long text the part around it, or from `from` on. */
export async function show(main, place, signal) {
  const target = place.get("doc");
  const [start, end] = (/^(\d+)-(\d+)$/.exec(place.get("at"))?.slice(1) ?? [0, 0]).map(Number);
  const first = /^\d+$/.test(place.get("from")) ? Number(place.get("from")) : start - (start % SHOWN);
  const last = Math.max(first + SHOWN, start >= first && start < first + SHOWN ? end : 0); // a passage is not cut in two
  say("Reading…");
  const { outcomes } = await post("/v1/fetch", { parts: [{ target, characters: { start: first, end: last } }] }, signal);
  const [{ fetched, failure }] = outcomes;
  const home = address({ q: place.get("q") });
  if (failure) {
    main.replaceChildren(leave(home), el("p", { class: "trouble", role: "alert" }, failure.message));
    say("");
    return;
  }
  const { document: read, authority, text_sha256: digest, snapshot, excerpt } = fetched;
  document.title = `${read.title} · Stepwell`;
  main.replaceChildren(leave(home), el("article", { class: "document" },
    el("h1", { tabindex: -1 }, read.title),
    el("p", { class: "about" }, badge(authority), read.url && source(read.url),
      [read.authors.join(", "), read.venue, read.published, read.kind, read.language, read.collection].filter(Boolean).map((fact) => el("span", {}, fact)),
      read.retracted && el("strong", { class: "note" }, "retracted")),
    outline(read.sections),
    pages(excerpt, "above"),
    excerpt.characters ? body(read, excerpt.start, start, end) : el("p", { class: "none" }, "The source has no text for this document."),
    pages(excerpt, "below"),
    facts(read, digest, snapshot)));
  const mark = main.querySelector("mark");
  main.querySelector("h1").focus({ preventScroll: true });
  if (mark) mark.scrollIntoView({ block: "center" });
  else scrollTo(0, 0);
  say(mark ? "The passage is marked." : span(excerpt));
}

function span(excerpt) {
  if (excerpt.end - excerpt.start === excerpt.characters) return count(excerpt.characters, "character");
  return `Characters ${number(excerpt.start + 1)} to ${number(excerpt.end)} of ${number(excerpt.characters)}`;
}

/** Where in a long text this is, and the way to the rest; nothing where the text is whole. */
function pages(excerpt, where) {
  if (excerpt.end - excerpt.start === excerpt.characters) return null;
  const to = (from, words) => el("a", { href: changed({ from: String(from), at: "" }) }, words);
  return el("nav", { class: "pages", "aria-label": `Parts of the text, ${where}` },
    excerpt.start > 0 && to(Math.max(excerpt.start - SHOWN, 0), "← Before"),
    el("span", {}, span(excerpt)),
    excerpt.end < excerpt.characters && to(excerpt.end, "After →"));
}

function leave(home) {
  return el("p", { class: "leave" }, el("button", { type: "button", class: "quiet", on: { click: () => back(home) } }, "← Results"));
}

/** The text from `first` on, in pieces: an anchor where a section begins, and the passage in `<mark>`. */
function body(read, first, start, end) {
  const length = read.text.length; // in UTF-16 units, so never fewer than its code points
  const inner = [...read.sections.map((section) => section.start), start, end].map((point) => point - first).filter((point) => point > 0 && point < length);
  const points = [...new Set([0, ...inner])].sort((a, b) => a - b);
  const cuts = [...units(read.text, points), length];
  const headed = new Map(read.sections.map((section, i) => [section.start - first, i]));
  const pieces = points.flatMap((point, i) => {
    const piece = read.text.slice(cuts[i], cuts[i + 1]);
    const inside = point + first >= start && point + first < end;
    return [headed.has(point) && el("span", { id: `section-${headed.get(point)}` }), inside ? el("mark", {}, piece) : piece];
  });
  return el("div", { class: "text", dir: "auto" }, pieces.filter(Boolean));
}

function outline(sections) {
  if (sections.length < 2) return null;
  const jump = (section, i) => () => {
    const here = document.getElementById(`section-${i}`);
    if (here) here.scrollIntoView();
    else visit(changed({ from: String(section.start), at: "" }));
  };
  return el("details", { class: "outline" }, el("summary", {}, count(sections.length, "section")),
    el("ol", {}, sections.map((section, i) => el("li", { "data-level": Math.min(section.level, 4) },
      el("button", { type: "button", class: "link", on: { click: jump(section, i) } }, section.heading)))));
}

function facts(read, digest, snapshot) {
  const rows = [["id", read.id], ...Object.entries(read.identifiers), ...Object.entries(read.details), ["notices", read.notices.join(", ")],
    ["references", read.references.length ? count(read.references.length, "work") : ""], ["snapshot", snapshot], ["text sha256", digest]];
  return el("dl", { class: "facts" }, rows.filter(([, value]) => value).map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
}
