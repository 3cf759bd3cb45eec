// Points of a chart: a tip on hover, tap and focus; left and right move along a series,
// up and down between series, Escape leaves. Without this script each point is a tab
// stop with a native tooltip.
(() => {
  const REACH = 16;
  const pointOf = (target) => target.closest?.("[data-chart] .chart-point");
  const SERIES = "[data-series]";
  const boxOf = (point) => point.querySelector(".chart-hit").getBoundingClientRect();
  const pointsIn = (part) => [...part.querySelectorAll(".chart-point")];
  const hide = () => document.querySelectorAll(".chart-tip").forEach((tip) => tip.remove());
  let shown = null;

  function show(point) {
    if (point === shown) return;
    shown = point;
    hide();
    if (!point) return;
    const figure = point.closest("[data-chart]");
    const tip = document.createElement("div");
    tip.className = "chart-tip";
    tip.setAttribute("aria-hidden", "true");
    tip.textContent =
      point.querySelector("title")?.textContent ?? point.getAttribute("aria-label");
    figure.append(tip);
    const frame = figure.getBoundingClientRect();
    const mark = boxOf(point);
    const left = mark.left + mark.width / 2 - frame.left - tip.offsetWidth / 2;
    const above = mark.top - frame.top - tip.offsetHeight - 4;
    tip.style.left = `${Math.max(0, Math.min(left, frame.width - tip.offsetWidth))}px`;
    tip.style.top = `${above < 0 ? mark.bottom - frame.top + 4 : above}px`;
  }

  // How far the pointer is from a round mark's centre or from the edge of a bar.
  function distance(point, x, y) {
    const box = boxOf(point);
    const isRound = point.querySelector(".chart-hit").tagName === "circle";
    const reach = isRound ? { x: 0, y: 0 } : { x: box.width / 2, y: box.height / 2 };
    const from = (at, start, size, half) => Math.max(Math.abs(start + size / 2 - at) - half, 0);
    return Math.hypot(from(x, box.left, box.width, reach.x), from(y, box.top, box.height, reach.y));
  }

  // Marks of several series lie on top of each other, so the nearest one counts and not
  // the one painted last.
  function nearest(svg, x, y) {
    let best = null;
    let reach = REACH;
    for (const point of pointsIn(svg)) {
      const away = distance(point, x, y);
      if (away < reach) [best, reach] = [point, away];
    }
    return best;
  }

  function neighbour(point, key) {
    const series = point.closest(SERIES);
    const points = pointsIn(series);
    const place = points.indexOf(point);
    const along = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: points.length - 1 };
    if (key in along) return points[along[key]];
    const all = [...point.closest("svg").querySelectorAll(SERIES)].filter(
      (one) => one === series || pointsIn(one).length,
    );
    const other = all[all.indexOf(series) + { ArrowUp: -1, ArrowDown: 1 }[key]];
    const middle = (one) => boxOf(one).left + boxOf(one).width / 2;
    const away = (one) => Math.abs(middle(one) - middle(point));
    return other && pointsIn(other).reduce((a, b) => (away(b) < away(a) ? b : a));
  }

  document.addEventListener("keydown", (event) => {
    const point = pointOf(event.target);
    if (!point || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Escape") return point.blur();
    if (!/^(Arrow(Left|Right|Up|Down)|Home|End)$/.test(event.key)) return;
    event.preventDefault();
    neighbour(point, event.key)?.focus();
  });

  document.addEventListener("focusin", (event) => {
    const point = pointOf(event.target);
    show(point);
    // One tab stop a series from here on: arrows do the rest.
    for (const other of point ? pointsIn(point.closest(SERIES)) : [])
      other.setAttribute("tabindex", other === point ? "0" : "-1");
  });
  document.addEventListener("focusout", () => show(null));

  document.addEventListener("pointermove", (event) => {
    const svg = event.target.closest?.("[data-chart] svg");
    const point = svg && nearest(svg, event.clientX, event.clientY);
    const native = pointOf(event.target)?.querySelector("title");
    if (native) {
      // The native tooltip would come up on top of ours; the label stays the same.
      native.parentNode.setAttribute("aria-label", native.textContent);
      native.remove();
    }
    show(point ?? pointOf(document.activeElement));
  });
})();
