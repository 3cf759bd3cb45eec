// The body map: places in the pictures become buttons that keep in step with the check
// boxes, which stay what is sent. Without this script the boxes are all there is.
// Written for the browsers of old phones (iOS 12, Android 8): no build, no new syntax.
(function () {
  "use strict";
  var SVG = "http://www.w3.org/2000/svg";
  // Below it, in px, one picture at a time; a finger wants larger ones than a mouse.
  var NARROW = window.matchMedia("(pointer: coarse)").matches ? 760 : 560;
  var WIDE = 960; // px; from here the chosen places stand beside the pictures
  var REACH = 16; // px by which a finger may miss a small place
  var MARK = 7; // as in patients/triage/body_map.py
  var ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

  function list(found) {
    return Array.prototype.slice.call(found);
  }

  function make(tag, className, text) {
    var element = document.createElement(tag);
    if (className) element.className = className;
    if (text) element.textContent = text;
    return element;
  }

  function changed(input) {
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function middle(path) {
    var box = path.getBBox();
    return [box.x + box.width / 2, box.y + box.height / 2];
  }

  function cross(at) {
    var whole = 2 * MARK;
    return "M" + (at[0] - MARK) + "," + (at[1] - MARK) +
      "l" + whole + "," + whole + "m0," + -whole + "l" + -whole + "," + whole;
  }

  function start(root) {
    var say = root.dataset;
    var boxes = list(root.querySelectorAll("input[name=regions]"));
    var select = root.querySelector("select[name=worst_region]");
    var views = list(root.querySelectorAll("[data-view]"));
    var places = list(root.querySelectorAll("[data-place]"));
    var now = make("p", "body-map__now");
    var tabs = make("div", "body-map__tabs");
    var chosenPart = make("div", "body-map__chosen");
    var shownView = views[0];
    // The worst of a single place goes without saying, and is taken back with a second.
    var isImplied = chosen().length < 2;

    function chosen() {
      return boxes.filter(function (box) { return box.checked; });
    }

    function boxOf(value) {
      return boxes.filter(function (box) { return box.value === value; })[0];
    }

    function labelOf(value) {
      return places.filter(function (place) {
        return place.getAttribute("data-place") === value;
      })[0].getAttribute("data-label");
    }

    function state(value) {
      if (!boxOf(value).checked) return "";
      return select.value === value ? "worst" : "chosen";
    }

    function inWords(value) {
      var words = { "": "", chosen: say.isChosen, worst: say.worst }[state(value)];
      if (chosen().length === 1 && words) words = say.isChosen;
      return labelOf(value) + (words ? ", " + words : "");
    }

    function settle() {
      var picked = chosen();
      var isThere = picked.some(function (box) { return box.value === select.value; });
      if (picked.length === 1) {
        isImplied = isImplied || !isThere;
        select.value = picked[0].value;
      } else if (isImplied || !isThere) {
        select.value = "";
        isImplied = picked.length === 0;
      }
    }

    function follow() {
      settle();
      paint();
    }

    function toggle(value) {
      var box = boxOf(value);
      if (root.matches(":disabled") || box.matches(":disabled")) return;
      box.checked = !box.checked;
      changed(box);
      now.textContent = inWords(value);
    }

    function pickWorst(value) {
      select.value = select.value === value ? "" : value;
      changed(select);
    }

    function paint() {
      places.forEach(function (place) {
        var value = place.getAttribute("data-place");
        var is = state(value);
        place.setAttribute("class", is ? "is-" + is : "");
        place.setAttribute("aria-pressed", is ? "true" : "false");
        place.setAttribute("aria-label", inWords(value));
      });
      views.forEach(paintMarks);
      paintTabs();
      paintChosen();
    }

    function paintMarks(view) {
      var marks = view.querySelector(".body-map__marks");
      marks.textContent = "";
      if (view.hidden) return; // nothing can be measured there
      list(view.querySelectorAll("[data-place]")).forEach(function (place) {
        var is = state(place.getAttribute("data-place"));
        if (!is) return;
        var mark = document.createElementNS(SVG, "path");
        var at = middle(place);
        mark.setAttribute("class", "body-map__mark body-map__mark--" + is);
        mark.setAttribute("d", is === "worst" ? cross(at) : "M" + at + "h0");
        marks.appendChild(mark);
      });
    }

    function paintTabs() {
      list(tabs.children).forEach(function (tab, index) {
        var view = views[index];
        var count = list(view.querySelectorAll("[aria-pressed=true]")).length;
        tab.textContent = view.getAttribute("data-short") + (count ? " (" + count + ")" : "");
        tab.setAttribute("aria-pressed", view === shownView ? "true" : "false");
      });
    }

    function paintChosen() {
      var picked = chosen();
      chosenPart.textContent = "";
      var title = make("p", "body-map__chosen-title", picked.length ? say.chosen : say.none);
      title.tabIndex = -1;
      chosenPart.appendChild(title);
      if (picked.length > 1) {
        chosenPart.appendChild(make("p", "body-map__ask", askWorst.textContent));
      }
      var rows = make("ul");
      picked.forEach(function (box) { rows.appendChild(row(box.value, picked.length)); });
      if (picked.length) chosenPart.appendChild(rows);
    }

    function row(value, count) {
      var item = make("li", state(value) === "worst" ? "is-worst" : "");
      item.appendChild(make("span", "", labelOf(value)));
      if (count > 1) item.appendChild(worstButton(value));
      item.appendChild(removeButton(value));
      return item;
    }

    function button(text, label, act) {
      var made = make("button", "body-map__act", text);
      made.type = "button";
      made.setAttribute("aria-label", label);
      made.disabled = root.matches(":disabled");
      made.addEventListener("click", act);
      return made;
    }

    function worstButton(value) {
      var made = button(say.pickWorst, say.pickWorst + ": " + labelOf(value), function () {
        pickWorst(value);
        chosenPart.querySelector('[data-worst-of="' + value + '"]').focus();
      });
      made.setAttribute("data-worst-of", value);
      made.setAttribute("aria-pressed", state(value) === "worst" ? "true" : "false");
      return made;
    }

    function removeButton(value) {
      return button("×", say.remove + ": " + labelOf(value), function () {
        toggle(value);
        chosenPart.querySelector(".body-map__chosen-title").focus();
      });
    }

    function show(view) {
      shownView = view;
      fit();
    }

    function fit() {
      var isNarrow = root.clientWidth < NARROW;
      root.classList.toggle("is-narrow", isNarrow);
      root.classList.toggle("is-wide", root.clientWidth >= WIDE);
      views.forEach(function (view) { view.hidden = isNarrow && view !== shownView; });
      views.forEach(paintMarks);
      paintTabs();
    }

    // Looks around the finger in widening rings.
    function nearest(x, y) {
      for (var away = REACH / 4; away <= REACH; away += REACH / 4) {
        for (var turn = 0; turn < 8; turn += 1) {
          var angle = turn * Math.PI / 4;
          var there = document.elementFromPoint(
            x + away * Math.cos(angle), y + away * Math.sin(angle));
          var place = there && placeIn(there);
          if (place && root.contains(place)) return place;
        }
      }
      return null;
    }

    function neighbour(place, arrow) {
      var from = middle(place);
      var best = null;
      var least = Infinity;
      list(place.parentNode.querySelectorAll("[data-place]")).forEach(function (other) {
        var to = middle(other);
        var along = (to[0] - from[0]) * arrow[0] + (to[1] - from[1]) * arrow[1];
        var aside = Math.abs((to[0] - from[0]) * arrow[1]) + Math.abs((to[1] - from[1]) * arrow[0]);
        if (other === place || along <= aside / 2) return;
        if (along + 2 * aside < least) {
          best = other;
          least = along + 2 * aside;
        }
      });
      return best;
    }

    function placeIn(target) {
      return target.closest ? target.closest("[data-place]") : null;
    }

    function clicked(event) {
      var place = placeIn(event.target);
      var isBeside = event.target.tagName === "svg";
      if (!place && isBeside) place = nearest(event.clientX, event.clientY);
      if (place) toggle(place.getAttribute("data-place"));
      else if (event.target.ownerSVGElement) now.textContent = say.nothingHere;
    }

    function pressed(event) {
      var place = placeIn(event.target);
      if (!place || event.altKey || event.ctrlKey || event.metaKey) return;
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        toggle(place.getAttribute("data-place"));
      } else if (ARROWS[event.key]) {
        event.preventDefault();
        var next = neighbour(place, ARROWS[event.key]);
        if (next) next.focus();
      }
    }

    function isByKeyboard(place) {
      try {
        return place.matches(":focus-visible");
      } catch (error) {
        return true; // an old browser that cannot tell
      }
    }

    function focused(event) {
      var place = placeIn(event.target);
      if (!place) return;
      list(place.parentNode.querySelectorAll("[tabindex='0']")).forEach(function (other) {
        other.setAttribute("tabindex", "-1");
      });
      place.setAttribute("tabindex", "0");
      now.textContent = inWords(place.getAttribute("data-place"));
      var ring = isByKeyboard(place) ? place.getAttribute("d") : "";
      event.currentTarget.querySelector(".body-map__focus").setAttribute("d", ring);
    }

    function left(event) {
      event.currentTarget.querySelector(".body-map__focus").setAttribute("d", "");
    }

    function hovered(event) {
      var place = placeIn(event.target);
      if (place) now.textContent = inWords(place.getAttribute("data-place"));
    }

    // A <use> would repeat the tab stops of what it shows; a copy does not.
    function copyContour(svg) {
      var use = svg.querySelector("use");
      var copy = svg.querySelector(".body-map__body > g").cloneNode(true);
      copy.removeAttribute("id");
      copy.setAttribute("class", "body-map__contour");
      copy.setAttribute("aria-hidden", "true");
      list(copy.children).forEach(function (path) {
        var bare = document.createElementNS(SVG, "path");
        bare.setAttribute("class", "body-map__edge");
        bare.setAttribute("d", path.getAttribute("d"));
        copy.replaceChild(bare, path);
      });
      use.parentNode.replaceChild(copy, use);
    }

    function enliven(view) {
      var svg = view.querySelector("svg");
      copyContour(svg);
      svg.setAttribute("role", "group");
      svg.setAttribute("aria-describedby", "body-map-keys");
      list(svg.querySelectorAll("[data-place]")).forEach(function (place, index) {
        place.setAttribute("data-label", place.getAttribute("aria-label"));
        place.setAttribute("role", "button");
        place.setAttribute("tabindex", index ? "-1" : "0");
      });
      // Not on the picture: Chromium takes an SVG element that hears of focus for a tab stop.
      view.addEventListener("click", clicked);
      view.addEventListener("keydown", pressed);
      view.addEventListener("focusin", focused);
      view.addEventListener("focusout", left);
      view.addEventListener("mouseover", hovered);
    }

    function addTabs() {
      tabs.setAttribute("role", "group");
      tabs.setAttribute("aria-label", say.views);
      views.forEach(function (view) {
        var tab = make("button", "body-map__tab");
        tab.type = "button";
        tab.addEventListener("click", function () { show(view); });
        tabs.appendChild(tab);
      });
    }

    function fold() {
      var old = root.querySelector(".body-map__list");
      var folded = make("details", "body-map__list");
      folded.appendChild(make("summary", "", say.list));
      while (old.firstChild) folded.appendChild(old.firstChild);
      old.parentNode.replaceChild(folded, old);
    }

    var askWorst = root.querySelector(".body-map__worst label");
    now.setAttribute("aria-hidden", "true");
    views.forEach(enliven);
    addTabs();
    fold();
    var pictures = root.querySelector(".body-map__views");
    var board = make("div", "body-map__board");
    var stage = make("div", "body-map__stage");
    pictures.parentNode.insertBefore(board, pictures);
    stage.appendChild(tabs);
    stage.appendChild(now);
    stage.appendChild(pictures);
    board.appendChild(stage);
    board.appendChild(chosenPart);
    root.classList.add("is-live");
    root.addEventListener("change", function (event) {
      if (event.target === select && select.value) {
        isImplied = false;
        boxOf(select.value).checked = true;
      }
      follow();
    });
    window.addEventListener("resize", fit);
    // Going back to a page, the browser fills in the boxes only after this has run.
    window.addEventListener("pageshow", follow);
    var first = root.querySelector("[data-place].is-worst") ||
      root.querySelector("[data-place].is-chosen");
    show(first ? first.closest("[data-view]") : views[0]);
    follow();
  }

  function startAll() {
    list(document.querySelectorAll("[data-body-map]:not(.is-live)")).forEach(start);
  }

  startAll();
  // A page may take the field in anew; without htmx nobody says so.
  document.addEventListener("htmx:load", startAll);
})();
