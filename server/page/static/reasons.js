// Why does a hit stand where it stands? Its score is a sum; the bars are its terms.

import { count, el, number } from "./dom.js";

const TERMS = [
  ["lexical", "words", (t) => `BM25 ${number(t.bm25, 2)} of at most ${number(t.max_bm25, 1)}, the best passage ${number(t.best_bm25, 2)}`],
  ["title", "title", (t) => `BM25 of the title ${number(t.title_bm25, 2)}`],
  ["dense", "meaning", (t) => `cosine ${number(t.cosine, 3)}`],
  ["fused", "other wordings", () => "what the other wordings of the question add"],
  ["cross", "read together", () => "what a cross-encoder changed that read query and passage together"],
  ["impact", "citations", () => "what its citations add"],
  ["feedback", "first documents", () => "what the words of the first documents change"],
  ["recency", "date", () => "what its date adds"],
  ["authority", "authority", () => "trust in the source; it decides near ties only"],
];

/** What one hit's bars are measured by: the longest sum in the list. */
export function scale(hits) {
  return Math.max(...hits.map((hit) => TERMS.reduce((sum, [name]) => sum + Math.max(hit.terms[name], 0), 0)), 1e-9);
}

/** One bar of all terms, beside the probability that they stand for. */
export function bar(hit, longest) {
  const shown = TERMS.filter(([name]) => hit.terms[name] > 0);
  const parts = shown.map(([name]) => {
    const part = el("span", { class: "part", "data-term": name });
    part.style.width = `${(100 * hit.terms[name]) / longest}%`;
    return part;
  });
  const said = shown.map(([name, words]) => `${words} ${number(hit.terms[name], 2)}`).join(", ");
  return el("span", { class: "bar", role: "img", "aria-label": `score ${number(hit.score, 2)}: ${said}` }, parts);
}

/** How likely the model holds it that the document is relevant, authority left out. */
export function chance(hit) {
  return `${number(100 / (1 + Math.exp(-hit.relevance)))} %`;
}

/** What authority did to the hit's place. */
export function moved(places) {
  if (!places) return null;
  const text = `${places > 0 ? "▲" : "▼"} ${Math.abs(places)}`;
  const said = `authority moved it ${places > 0 ? "up" : "down"} by ${count(Math.abs(places), "place")}`;
  return el("span", { class: places > 0 ? "up" : "down", title: said }, text, el("span", { class: "unseen" }, `, ${said}`));
}

/** The whole explanation, folded. */
export function why(hit, longest) {
  const rows = TERMS.filter(([name]) => hit.terms[name]).map(([name, words, how]) => {
    const only = { terms: { ...Object.fromEntries(TERMS.map(([other]) => [other, 0])), [name]: hit.terms[name] }, score: hit.terms[name] };
    return el("tr", {}, el("th", { scope: "row" }, words), el("td", { class: "figure" }, signed(hit.terms[name])),
      el("td", { class: "bars" }, bar(only, longest)), el("td", {}, how(hit.terms)));
  });
  const sum = el("tr", { class: "sum" }, el("th", { scope: "row" }, "score"), el("td", { class: "figure" }, signed(hit.score)), el("td"),
    el("td", {}, `log-odds, ${signed(hit.terms.bias)} for any document included`));
  return el("details", { class: "why" },
    el("summary", {}, el("span", { class: "label" }, "Why"), bar(hit, longest), el("span", { class: "chance", title: "by the calibration, authority left out" }, `${chance(hit)} likely relevant`), moved(hit.moved)),
    el("div", { class: "wide", tabindex: "0", role: "region", "aria-label": "terms of the score" },
      el("table", {}, el("caption", { class: "unseen" }, "Terms of the score"), el("tbody", {}, rows, sum))),
    hit.exact_match && el("p", { class: "faint" }, `First because it was asked for by name: ${hit.exact_match}`),
    hit.authority.rule && el("p", { class: "faint" }, `By the request: ${hit.authority.rule}`));
}

/** What the colours mean. */
export function legend(hits) {
  const used = TERMS.filter(([name]) => hits.some((hit) => hit.terms[name] > 0));
  return el("p", { class: "legend" }, used.map(([name, words]) => el("span", {}, el("i", { class: "part", "data-term": name }), words)));
}

function signed(value) {
  return `${value < 0 ? "−" : "+"}${number(Math.abs(value), 2)}`;
}
