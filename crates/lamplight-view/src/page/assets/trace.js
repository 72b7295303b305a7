
// A trace: j and k move between rows, arrows fold them, and they open in place.
{
  const list = () => all(".t-rows > .t-li", shown()).filter((row) => !row.hidden);
  const head = (row) => $(":scope > .t-row, :scope > details > .t-row", row);
  const level = (row) => Number(row.getAttribute("aria-level"));
  const current = () => $(".t-li.t-at", shown()) ?? $(".t-li.t-sel", shown());

  let kept;
  const mark = (row) => {
    for (const old of all(".t-at")) old.classList.remove("t-at");
    row.classList.add("t-at");
    kept = row.id;
  };
  const go = (row) => {
    if (!row) return;
    mark(row);
    const target = $("summary.t-row, a.t-main[href]", row);
    target?.focus({ preventScroll: true });
    head(row)?.scrollIntoView({ block: "nearest" });
  };
  const move = (by) => {
    const rows = list();
    const at = rows.indexOf(current());
    go(rows[at < 0 ? 0 : Math.max(0, Math.min(rows.length - 1, at + by))]);
  };
  // The children of a row are hidden, with a note. Rows without an id cannot be found again.
  const folded = new Set();
  const fold = (row, closed) => {
    if (!row) return;
    let hidden = 0;
    for (let next = row.nextElementSibling; next && level(next) > level(row); next = next.nextElementSibling) {
      next.hidden = closed;
      next.classList.remove("t-closed");
      $(".t-hidden", next)?.remove();
      folded.delete(next.id);
      hidden += 1;
    }
    if (closed && hidden > 0 && row.id) folded.add(row.id); else folded.delete(row.id);
    row.classList.toggle("t-closed", closed && hidden > 0);
    $(".t-hidden", row)?.remove();
    if (!closed || hidden === 0) return;
    const chip = Object.assign(document.createElement("span"), { className: "t-chip t-hidden", textContent: `${hidden} folded` });
    $(".t-name", row).append(chip);
  };
  const parent = (row) => {
    let above = row?.previousElementSibling;
    while (above && level(above) >= level(row)) above = above.previousElementSibling;
    return above;
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input:not([type=checkbox]), select, textarea, dialog")) return;
    if (!$(".t-rows", shown())) return;
    const row = current();
    switch (event.key) {
      case "j": case "ArrowDown": if (event.key !== "j" && !row) return; move(1); break;
      case "k": case "ArrowUp": if (event.key !== "k" && !row) return; move(-1); break;
      case "ArrowLeft": case "h": if (!row) return; if (row.classList.contains("t-closed")) go(parent(row)); else fold(row, true); break;
      case "ArrowRight": case "l": if (!row) return; fold(row, false); break;
      default: return;
    }
    event.preventDefault();
  });
  // The keys continue from the row that was focused by the tab key or a click.
  document.addEventListener("focusin", (event) => {
    const row = event.target.closest?.(".t-rows > .t-li");
    if (row && !row.classList.contains("t-at")) mark(row);
  });

  // After an update, folded rows are folded again, and the marked row is marked.
  new MutationObserver(() => {
    for (const id of [...folded]) {
      const row = document.getElementById(id);
      if (row && !row.classList.contains("t-closed")) fold(row, true);
    }
    const row = kept && !$(".t-at") && document.getElementById(kept);
    if (row) go(row);
  }).observe(main(), { childList: true });
  // After a click on a switch, the page receives the keys again.
  document.addEventListener("change", (event) => {
    if (event.target.matches(".t-switch input") && !event.target.matches(":focus-visible")) event.target.blur();
  });
  // A span in the address of a file is opened.
  const open = () => {
    const row = named();
    if (!row?.classList.contains("t-li")) return;
    $(":scope > details", row)?.setAttribute("open", "");
    mark(row);
    head(row)?.scrollIntoView({ block: "center" });
  };
  window.addEventListener("hashchange", open);
  open();
}
