// Keeps each answer as it is chosen, and says when it could not. Without this script
// the buttons send the form, and nothing else changes.
// Written for the browsers of old phones (iOS 12, Android 8): no build, no new syntax.
// Nothing is kept on the phone but in the page itself, and no clock is read.
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
  var kept = 0; // of the last one that the server has, or refused for what it is
  var misses = 0; // tries in a row without a reply
  var pressed = ""; // the button whose page comes once all is kept
  var button = "";
  var isSending = false;
  var isLeaving = false;
  var isTrouble = false;
  var timer = null;

  function show(word) {
    var text = word ? said.getAttribute("data-" + word) : "";
    var isBad = word === "trying" || word === "closed";
    if (said.textContent !== text) said.textContent = text;
    said.className = isBad ? "saved saved--not" : "saved";
    // Read out are only trouble and its end, not each answer that is kept.
    if (isBad || (isTrouble && word)) {
      if (told.textContent !== text) told.textContent = text;
    }
    if (word) isTrouble = isBad;
  }

  function isText(field) {
    return field.tagName === "TEXTAREA" || field.type === "text";
  }

  function body(go) {
    var parts = [];
    function add(name, value) {
      parts.push(encodeURIComponent(name) + "=" + encodeURIComponent(value));
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

  // As the browser does it by itself, to see the page that says what is the matter.
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
  function address(text) {
    try {
      return JSON.parse(text).to;
    } catch (error) {
      return "";
    }
  }

  function answered(status, text, sent, go) {
    var to = status === 200 && address(text);
    isSending = false;
    if (status === 204 || to) {
      kept = sent;
      misses = 0;
      if (to) {
        isLeaving = true;
        window.location.assign(to);
        return;
      }
      show("saved");
    } else if (status === 409) {
      isLeaving = true;
      window.location.reload();
      return;
    } else if (status === 403) {
      return missed("closed");
    } else if (status === 422 || status === 410) {
      kept = sent;
      misses = 0;
      show("");
      if (go || status === 410) return submit(go || "next");
    } else {
      return missed("trying");
    }
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
      answered(request.status, request.responseText, sent, go);
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
    if (!isText(event.target)) return;
    changed();
    if (!misses) later(PAUSE);
  });

  form.addEventListener("click", function (event) {
    var target = event.target;
    while (target && target !== form && target.tagName !== "BUTTON") {
      target = target.parentNode;
    }
    if (target && target.name === "go") button = target.value;
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

  // The last chance of what is not kept yet; the number puts it in its place.
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
