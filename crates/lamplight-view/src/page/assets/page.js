// Keyboard shortcuts, relative times and live updates. Every page works without this.
const $ = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const main = () => $("main");
const inFile = () => $("main > .view") !== null;

// The element that the address refers to, if it exists: an address may be truncated or mistyped.
function named() {
  try {
    return document.getElementById(decodeURIComponent(location.hash.slice(1)));
  } catch {
    return null;
  }
}

// The current view: the page's only one, or the one in a file whose id is in the address.
function shown() {
  if (!inFile()) return main();
  const target = named();
  return (target && target.closest(".view")) || $("main > .view.first");
}

// Times: relative to now, and in the reader's time zone.
function ago(seconds) {
  const steps = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
  for (const [size, unit] of steps) if (seconds >= size) return `${Math.floor(seconds / size)} ${unit} ago`;
  return "now";
}
function times() {
  for (const time of all("time[datetime]", shown())) {
    const date = new Date(time.dateTime);
    if (Number.isNaN(date.getTime())) continue;
    time.title = `${ago((Date.now() - date) / 1000)}, ${date.toLocaleString()} here`;
  }
}

// In a file there is no server to query: rows are filtered by their text.
function find() {
  for (const view of all("main > .view")) {
    const table = $("table", view);
    if (!table || table.tBodies[0].rows.length < 8 || $(".find", view)) continue;
    const input = Object.assign(document.createElement("input"), { type: "search", className: "find", placeholder: "Find in these rows" });
    input.setAttribute("aria-label", input.placeholder);
    input.addEventListener("input", () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      for (const row of table.tBodies[0].rows) {
        const text = row.textContent.toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
      }
    });
    $("h1", view).after(input);
  }
}

// Tables with numbers can be sorted by any column.
let order = null;
function sorted() {
  if (!order) return;
  for (const table of all("table[data-sorts]", shown())) {
    const body = table.tBodies[0];
    const value = (row) => row.cells[order.column]?.dataset.v ?? row.cells[order.column]?.textContent;
    const less = (one, other) => {
      const difference = Number(value(one)) - Number(value(other));
      return Number.isNaN(difference) ? String(value(one)).localeCompare(String(value(other))) : difference;
    };
    body.append(...[...body.rows].sort((one, other) => order.by * less(one, other)));
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      if (column === order.column) head.setAttribute("aria-sort", order.by < 0 ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    });
  }
}
function sorts() {
  for (const head of all("table[data-sorts] thead th")) {
    if ($("button", head) || head.classList.contains("wide")) continue;
    const button = Object.assign(document.createElement("button"), { type: "button", className: "sort" });
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const same = order?.column === head.cellIndex;
      const first = head.classList.contains("number") || head.cellIndex > 0 ? -1 : 1;
      order = { column: head.cellIndex, by: same ? -order.by : first };
      sorted();
    });
  }
  sorted();
}

// Map: highlights the neighbors of a node.
function hover(event) {
  const node = event.target.closest?.(".map .node");
  const svg = node?.closest("svg");
  if (!svg) return;
  const near = new Set([node.dataset.node]);
  const touches = (way) => way.dataset.from === node.dataset.node || way.dataset.to === node.dataset.node;
  for (const way of all("[data-from]", svg)) {
    if (touches(way)) near.add(way.dataset.from).add(way.dataset.to);
    way.classList.toggle("away", !touches(way));
  }
  for (const other of all(".node", svg)) other.classList.toggle("away", !near.has(other.dataset.node));
}
function leave(event) {
  const svg = event.target.closest?.("svg.map");
  if (svg) for (const part of all(".away", svg)) part.classList.remove("away");
}

// j and k move between rows with links.
const rows = () => all("tbody tr", shown()).filter((row) => !row.hidden && $("a.row[href]", row));
function step(by) {
  const list = rows();
  if (list.length === 0) return;
  const at = list.findIndex((row) => row.classList.contains("at"));
  const next = list[Math.max(0, Math.min(list.length - 1, at < 0 ? 0 : at + by))];
  for (const row of list) row.classList.toggle("at", row === next);
  $("a.row", next).focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

const KEYS = [
  ["j k", "next and previous row"], ["Enter", "open the row"], ["/", "filter"], ["g f", "functions"],
  ["g i", "invocations"], ["g t", "traces"], ["g m", "map"], ["g d", "differences"], ["p", "pause or resume live updates"], ["?", "these keys"],
];
function help() {
  let dialog = $("#keys");
  if (!dialog) {
    dialog = Object.assign(document.createElement("dialog"), { id: "keys" });
    const list = document.createElement("dl");
    const extra = [...new Set(all("[data-keys]").map((it) => it.dataset.keys))].map((it) => it.split("|"));
    for (const [keys, what] of [...KEYS, ...extra]) {
      const term = document.createElement("dt");
      for (const key of keys.split(" ")) term.append(Object.assign(document.createElement("kbd"), { textContent: key }), " ");
      list.append(term, Object.assign(document.createElement("dd"), { textContent: what }));
    }
    dialog.append(Object.assign(document.createElement("h2"), { textContent: "Keys" }), list);
    dialog.addEventListener("click", () => dialog.close());
    document.body.append(dialog);
  }
  if (dialog.open) dialog.close(); else dialog.showModal();
}

let gone = false;
function key(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
  if (typing) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const second = gone;
  gone = false;
  if (second) {
    const link = $(`header [data-key="${CSS.escape(event.key)}"][href]`);
    if (link) link.click();
    return;
  }
  const field = $("input[type=search]", shown());
  switch (event.key) {
    case "g": gone = true; return;
    case "j": step(1); return;
    case "k": step(-1); return;
    case "p": pause(); return;
    case "?": help(); return;
    case "/": if (!field) return; field.focus(); field.select(); break;
    default: {
      // Keys of this page, such as the one for the true scale.
      const own = $(`[data-press="${CSS.escape(event.key)}"]`, shown());
      if (!own) return;
      own.click();
    }
  }
  event.preventDefault();
}

// Live updates: the changing parts of the page are fetched and replaced.
let paused = false;
let revision = document.body.dataset.revision;
let busy = false;
let again = false;
let lost = false;
function badge(text, name) {
  const badge = $("#badge");
  if (!badge) return;
  badge.className = `live-badge ${name}`;
  if (badge.textContent !== text) badge.textContent = text;
}
function pause() {
  if (!document.body.dataset.live) return;
  paused = !paused;
  if (!lost) badge(paused ? "paused" : "live", paused ? "" : "on");
  if (!paused) news();
}
// Unchanged parts stay, including their unfolded and marked rows.
const came = new Map();
const live = () => ($("main .live[id]") ? all("main .live[id], #footer") : [main(), $("#footer")]);
async function reload() {
  if (paused || document.hidden) return;
  const answer = await fetch(location.href, { headers: { accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (page.body.dataset.revision === revision) return;
  revision = page.body.dataset.revision;
  const open = new Set(all("details[open][id]").map((it) => it.id));
  const known = new Set(all("a.row[href]").map((it) => it.getAttribute("href")));
  const at = $("tr.at a.row")?.getAttribute("href");
  const focus = document.activeElement?.getAttribute?.("href");
  const sideways = all(".scroll").map((it) => it.scrollLeft);
  for (const part of live()) {
    const fresh = page.getElementById(part.id);
    const html = fresh?.innerHTML;
    if (!fresh || html === came.get(part.id)) continue;
    came.set(part.id, html);
    part.replaceChildren(...fresh.childNodes);
  }
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  all(".scroll").forEach((it, index) => { it.scrollLeft = sideways[index] ?? 0; });
  for (const link of all("a.row[href]")) {
    const href = link.getAttribute("href");
    const row = link.closest("tr");
    if (known.size > 0 && !known.has(href)) row?.classList.add("new");
    if (href === at) row?.classList.add("at");
    if (href === focus) link.focus({ preventScroll: true });
  }
  sorts();
  times();
}
// One at a time; changes in quick succession result in one update.
async function news() {
  again = true;
  if (busy) return;
  busy = true;
  while (again) {
    await new Promise((done) => setTimeout(done, 250));
    again = false;
    await reload().catch(() => {});
  }
  busy = false;
}
// Only while the page is visible: a browser has six connections to a server, for all its tabs and for the
// pages that it keeps for going back.
function listen() {
  const address = document.body.dataset.live;
  if (!address) return;
  let source;
  const start = () => {
    if (source || document.hidden) return;
    source = new EventSource(address);
    source.addEventListener("open", () => { lost = false; badge(paused ? "paused" : "live", paused ? "" : "on"); });
    source.addEventListener("error", () => { lost = true; badge("the server is not reachable", "lost"); });
    source.addEventListener("revision", (event) => { if (event.data !== revision) news(); });
  };
  const stop = () => { source?.close(); source = undefined; };
  document.addEventListener("visibilitychange", () => { if (document.hidden) stop(); else start(); });
  window.addEventListener("pagehide", stop);
  window.addEventListener("pageshow", start);
  start();
}

// Empty fields of forms are not sent, so that addresses stay short.
function tidy(event) {
  for (const field of all("input[name], select[name]", event.target)) if (!field.value) field.disabled = true;
}
window.addEventListener("pageshow", () => { for (const field of all("form [name]:disabled")) field.disabled = false; });

const title = document.title;
function mark() {
  if (!inFile()) return;
  const heading = $("h1", shown())?.textContent;
  document.title = location.hash && heading ? `${heading} \u00b7 ${title}` : title;
  const first = $("main > .view.first")?.id;
  const id = shown()?.id ?? first;
  for (const link of all("header nav a")) {
    const own = (link.getAttribute("href") ?? "").slice(1);
    if (own && (id === own || id.startsWith(`${own}-`) || id.startsWith(`${own.replace(/s$/, "")}-`))) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  times();
}

document.addEventListener("keydown", key);
document.addEventListener("submit", tidy);
document.addEventListener("mouseover", hover);
document.addEventListener("mouseout", leave);
window.addEventListener("hashchange", mark);
if (document.body.dataset.live) for (const part of live()) came.set(part.id, part.innerHTML);
find();
sorts();
times();
mark();
listen();
