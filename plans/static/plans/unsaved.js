// Asks before a page is left with something typed that no button has sent; without this
// script it is simply lost.
(() => {
  const form = document.querySelector("form[data-keeps]");
  if (!form) return;
  let isUnsaved = form.hasAttribute("data-unsaved");

  form.addEventListener("input", () => { isUnsaved = true; });
  form.addEventListener("change", () => { isUnsaved = true; });
  // Each button of the page keeps what was typed, or throws it away on purpose.
  document.addEventListener("submit", () => { isUnsaved = false; });
  window.addEventListener("beforeunload", (event) => {
    if (isUnsaved) event.preventDefault();
  });
})();
