// Keeps each answer as it is chosen, and says when it could not; without this script
// the buttons send the form. For the browsers of old phones (iOS 12, Android 8): no
// build, no new syntax. Nothing stays on the phone, and its clock is not read.
(function () {
  "use strict";
  var form = document.querySelector("form[data-save]");
  if (!form || !window.XMLHttpRequest) return;
  var said = document.getElementById("saved");
  var told = document.getElementById("told");
  var PAUSE = 1200; // ms without a key or a box
  var PATIENCE = 10000; // ms until a reply is given up
  var WAITS = [1, 2, 4, 8, 15, 30]; // s between tries
  var number = 0; // of the answer that stands on the page
  var kept = 0; // of the last one that the server has or refused
  var misses = 0; // tries in a row without a reply
  var pressed = ""; // the button whose page comes once all is kept
  var button = "";
  var urgent = ""; // the page that says what cannot wait
  var isSending = false;
  var isLeaving = false;
  var isTrouble = false;
  var timer = null;

  function show(word) {
    var text = word ? said.getAttribute("data-" + word) : "";
    var isBad = /trying|closed/.test(word);
    said.textContent = text;
    said.className = isBad ? "saved saved--not" : "saved";
    // Read out are only trouble and its end, not each answer that is kept.
    if (word && (isBad || isTrouble) && told.textContent !== text) told.textContent = text;
    if (word) isTrouble = isBad;
  }

  function body(go) {
    var parts = [];
    function add(name, value) {
      parts.push(name + "=" + encodeURIComponent(value));
    }
    for (var i = 0; i < form.elements.length; i++) {
      var field = form.elements[i];
      var isChoice = field.type === "radio" || field.type === "checkbox";
      if (!field.name || field.disabled || field.tagName === "BUTTON") continue;
      if (!isChoice || field.checked) add(field.name, field.value);
    }
    add("autosave", "1");
    add("tap", number);
    if (misses) add("again", "1");
    if (go) add("go", go);
    return parts.join("&");
  }

  function later(ms) {
    window.clearTimeout(timer);
    timer = window.setTimeout(send, ms);
  }

  function isWaiting() {
    return number > kept || pressed;
  }

  function missed(word) {
    show(word);
    later(WAITS[Math.min(misses, WAITS.length - 1)] * 1000);
    misses += 1;
  }

  // To see the page that says what is the matter.
  function submit(go) {
    var field = document.createElement("input");
    field.type = "hidden";
    field.name = "go";
    field.value = go;
    form.appendChild(field);
    isLeaving = true;
    form.submit();
  }

  // Of our own server; a public network may answer in its place.
  function read(status, text) {
    try {
      return status === 204 ? {} : status === 200 && JSON.parse(text);
    } catch (error) {
      return null;
    }
  }

  // What cannot wait is said at once; the page about it comes with the next press.
  function warn(found) {
    var warning = document.createElement("p");
    warning.className = "error";
    warning.setAttribute("role", "alert");
    warning.textContent = found.say;
    said.parentNode.insertBefore(warning, said);
    urgent = found.urgent;
  }

  function leave(to) {
    isLeaving = true;
    if (to) window.location.assign(to);
    else window.location.reload();
  }

  function answered(request, sent, go) {
    var status = request.status;
    var found = read(status, request.responseText);
    var isRefused = status === 410 || (found && found.refused);
    isSending = false;
    if (status === 409) return leave("");
    if (!found && !isRefused) return missed(status === 403 ? "closed" : "trying");
    kept = sent;
    misses = 0;
    if (status === 410 || (isRefused && go)) return submit(go || "next");
    if (found.to) return leave((go !== "back" && urgent) || found.to);
    if (found.urgent) warn(found);
    show(isRefused ? "" : "saved");
    if (isWaiting()) send();
  }

  function send() {
    window.clearTimeout(timer);
    if (isSending || isLeaving || !isWaiting()) return;
    var sent = number;
    var go = pressed;
    var request = new XMLHttpRequest();
    isSending = true;
    request.open("POST", window.location.href);
    request.timeout = PATIENCE;
    request.setRequestHeader("Content-Type", "application/x-www-form-urlencoded");
    request.onloadend = function () {
      answered(request, sent, go);
    };
    request.send(body(go));
  }

  function changed() {
    number += 1;
    if (!isTrouble) show("");
  }

  // Of boxes several are one answer.
  form.addEventListener("change", function (event) {
    changed();
    if (event.target.type === "checkbox") later(PAUSE);
    else send();
  });

  form.addEventListener("input", function (event) {
    if (/^(radio|checkbox|select)/.test(event.target.type)) return;
    changed();
    if (!misses) later(PAUSE);
  });

  form.addEventListener("click", function (event) {
    var target = event.target.closest("button");
    if (target) button = target.value;
  });

  form.addEventListener("submit", function (event) {
    event.preventDefault();
    // A second press does nothing.
    if (pressed || isLeaving) return;
    pressed = button || "next";
    number += 1;
    send();
  });

  function back() {
    if (document.visibilityState !== "hidden") send();
  }
  window.addEventListener("online", back);
  window.addEventListener("focus", back);
  document.addEventListener("visibilitychange", back);

  window.addEventListener("beforeunload", function (event) {
    if (isLeaving || !isWaiting()) return;
    event.preventDefault();
    event.returnValue = "";
  });

  // The last chance; its number puts it in its place.
  window.addEventListener("pagehide", function () {
    if (isLeaving || number <= kept || !navigator.sendBeacon) return;
    var type = { type: "application/x-www-form-urlencoded" };
    navigator.sendBeacon(window.location.href, new Blob([body("")], type));
  });

  window.addEventListener("pageshow", function (event) {
    if (!event.persisted) return;
    isLeaving = false;
    pressed = "";
  });
})();
