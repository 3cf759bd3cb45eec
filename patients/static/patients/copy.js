// One click copies a text; without this script it can be selected or downloaded.
(() => {
  const said = document.querySelector("[data-copied]");

  function say(words, failed) {
    // Emptied first, so that the same words are read out a second time.
    said.textContent = "";
    said.toggleAttribute("data-failed", failed);
    setTimeout(() => { said.textContent = words; }, 50);
  }

  // Browsers give the clipboard to pages under https and on this machine only; the
  // old way still works where a clinic runs over plain http.
  function selectAndCopy(text) {
    text.focus();
    text.select();
    try {
      return document.execCommand("copy");
    } catch {
      return false;
    }
  }

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text.value);
      return true;
    } catch {
      return selectAndCopy(text);
    }
  }

  for (const button of document.querySelectorAll("[data-copies]")) {
    const text = document.getElementById(button.dataset.copies);
    button.hidden = false;
    button.addEventListener("click", async () => {
      const done = await copy(text);
      say(done ? "Copied. Paste it into the record." : "Not copied: the text is selected, press Ctrl+C or ⌘C.", !done);
      if (done) button.focus();
    });
  }
})();
