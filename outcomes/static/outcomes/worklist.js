// The worklist without a mouse: j and k or the arrows move from row to row, Enter opens,
// c calls, x chooses, a goes to whom the chosen rows are given, ? shows the keys.
// Without this script Tab reaches all of it.
(() => {
  const list = document.querySelector("[data-worklist]");
  if (!list) return;
  const rows = [...list.querySelectorAll("tbody tr")];
  const keys = document.querySelector("[data-keys]");
  const chosen = list.querySelector("[data-chosen]");
  const boxes = [...list.querySelectorAll("input[name=row]")];
  const isTyping = (target) =>
    target.closest?.("select, textarea, input:not([type=checkbox])") !== null;
  const rowOf = (target) => target.closest?.("tbody tr") ?? null;
  const name = (row) => row.querySelector("th a");

  function move(step) {
    const at = rows.indexOf(rowOf(document.activeElement));
    const to = at < 0 ? 0 : Math.min(Math.max(at + step, 0), rows.length - 1);
    name(rows[to]).focus();
    rows[to].scrollIntoView({ block: "nearest" });
  }

  function count() {
    const ticked = boxes.filter((box) => box.checked).length;
    if (chosen) chosen.textContent = ticked ? `${ticked} chosen` : "";
    for (const box of boxes) rowOf(box).toggleAttribute("data-chosen-row", box.checked);
  }

  const acts = {
    j: () => move(1),
    ArrowDown: () => move(1),
    k: () => move(-1),
    ArrowUp: () => move(-1),
    c: (row) => row?.querySelector("th a[href$='/call/']")?.click(),
    x: (row) => row?.querySelector("input[name=row]")?.click(),
    a: () => list.querySelector(".acts select, .acts button")?.focus(),
    "?": () => { keys.open = !keys.open; if (keys.open) keys.scrollIntoView({ block: "nearest" }); },
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    act(rowOf(document.activeElement));
  });
  list.addEventListener("change", count);
  count();
})();
