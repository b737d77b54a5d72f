// The report: paragraphs, lists, tables, and citations that show their quotes.
// Every text is put in with textContent: what models and sources wrote is never read as HTML.

const VERDICTS = new Set(["supported", "partial", "unsupported", "unknown", "uncited"]);
const TAGS = { p: "p", more: "p", quote: "blockquote", pre: "pre", h1: "h3", h2: "h3", h3: "h4", h4: "h5", h5: "h6", h6: "h6" };
let tips = 0;

export function make(tag, text, className, title) {
  const node = document.createElement(tag);
  if (text) node.textContent = text;
  if (className) node.className = className;
  if (title) node.title = title;
  return node;
}

export const verdict = (name) => (VERDICTS.has(name) ? name : "unknown");

function citation(part, words, show) {
  const around = make("span", "", "around " + verdict(part.verdict));
  const link = make("a", part.text, "cite " + verdict(part.verdict));
  const tip = make("span", "", "quote");
  tip.id = "tip" + (tips += 1);
  tip.setAttribute("role", "tooltip");
  const held = [words.verdicts[verdict(part.verdict)], part.reason].filter(Boolean).join(words.colon);
  tip.append(make("b", held, verdict(part.verdict)), document.createTextNode(" " + part.hover));
  link.href = "#";
  link.setAttribute("aria-describedby", tip.id);
  link.addEventListener("click", (event) => {
    event.preventDefault();
    if (matchMedia("(hover: none)").matches && event.detail) return; // a finger wants the quote; the quote leads on
    show(part.span);
  });
  tip.addEventListener("click", () => show(part.span));
  link.addEventListener("keydown", (event) => { if (event.key === "Escape") around.classList.add("closed"); });
  link.addEventListener("focus", () => tip.scrollIntoView({ block: "nearest" }));
  link.addEventListener("blur", () => around.classList.remove("closed"));
  around.append(link, tip);
  return around;
}

function piece(part, words, show) {
  if (part.style === "cite") return citation(part, words, show);
  if (part.style === "mark") return make("span", part.text, "mark " + verdict(part.verdict));
  const tag = { strong: "strong", em: "em", code: "code" }[part.style];
  return tag ? make(tag, part.text) : document.createTextNode(part.text);
}

function row(block, draw) {
  const line = make("tr");
  const cell = () => line.appendChild(make(block.kind === "head" ? "th" : "td"));
  let last = cell();
  for (const part of block.pieces) {
    if (part.style === "cell") last = cell();
    else last.append(draw(part));
  }
  return line;
}

/** The report's nodes; `show` is told which span's source is to be shown. */
export function report(blocks, words, show) {
  const draw = (part) => piece(part, words, show);
  const top = [];
  let lists = []; // those that are open, the outermost first
  for (const block of blocks) {
    if (block.kind === "row" || block.kind === "head") {
      let table = top[top.length - 1];
      if (block.kind === "head" || !table || table.tagName !== "TABLE") top.push(table = make("table"));
      table.append(row(block, draw));
    } else if (block.kind === "li") {
      const tag = block.number ? "OL" : "UL";
      lists = lists.slice(0, block.depth);
      if (lists.length === block.depth && lists[lists.length - 1].tagName !== tag) lists.pop();
      while (lists.length < block.depth) {
        const list = make(tag);
        const inner = lists.length ? lists[lists.length - 1].lastElementChild : null;
        if (inner) inner.append(list);
        else top.push(list);
        lists.push(list);
      }
      const item = make("li");
      if (block.number) item.value = block.number;
      item.append(...block.pieces.map(draw));
      lists[lists.length - 1].append(item);
      continue;
    } else {
      const node = make(TAGS[block.kind] || "p");
      node.append(...block.pieces.map(draw));
      if (block.kind === "more" && lists.length) {
        lists[lists.length - 1].lastElementChild.append(node);
        continue;
      }
      top.push(node);
    }
    lists = [];
  }
  return top;
}
