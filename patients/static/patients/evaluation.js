// After a save in the background: what was refused is marked where it was typed.
(() => {
  const sheet = document.getElementById("sheet");

  function unmark() {
    for (const box of sheet.querySelectorAll(".box--faulty")) {
      box.classList.remove("box--faulty");
      box.querySelector("[data-refused]")?.remove();
      for (const control of box.querySelectorAll("[aria-invalid]")) {
        control.removeAttribute("aria-invalid");
        control.removeAttribute("aria-describedby");
      }
    }
  }

  function mark(fault) {
    const control = sheet.querySelector(`[name="${CSS.escape(fault.dataset.fault)}"]`);
    const box = control?.closest(".box");
    if (!box) return;
    const said = document.createElement("span");
    said.className = "field__errors";
    said.id = `${fault.dataset.fault}-error`;
    said.dataset.refused = "";
    said.textContent = fault.dataset.said;
    box.append(said);
    box.classList.add("box--faulty");
    control.setAttribute("aria-invalid", "true");
    control.setAttribute("aria-describedby", said.id);
  }

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target?.id !== "side") return;
    unmark();
    for (const fault of document.querySelectorAll("#side [data-fault]")) mark(fault);
  });
})();
