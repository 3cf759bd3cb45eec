// Hides what does not fit what was said; without this script every field is there.
// The conditions are those of plans/procedures/conditions.py, in the same words.
(() => {
  const form = document.querySelector("form[data-procedure]");
  if (!form) return;
  const fields = [...form.querySelectorAll("[data-asked]")];

  function valuesOf(name) {
    if (name === "modality") return [form.dataset.procedure];
    const found = [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)];
    return found
      .filter((control) => !control.disabled)
      .filter((control) => !/^(radio|checkbox)$/.test(control.type) || control.checked)
      .map((control) => control.value.trim())
      .filter((value) => value !== "");
  }

  function holds(text) {
    if (!text) return true;
    return text.split(" and ").every((term) => {
      const [name, operator, operand] = term.split(" ");
      const values = valuesOf(name);
      if (operator === "filled") return values.length > 0;
      if (operator === "over") return values.some((value) => Number(value) > Number(operand));
      const allowed = operand.split("|");
      return values.some((value) => allowed.includes(value));
    });
  }

  function show(field) {
    const isAsked = holds(field.dataset.askedIf) || field.querySelector(".field__errors") !== null;
    field.hidden = !isAsked;
    for (const control of field.querySelectorAll("input, select, textarea")) control.disabled = !isAsked;
    const mark = field.querySelector("[data-mark]");
    if (mark) mark.hidden = !holds(field.dataset.requiredIf);
  }

  // A guess goes with the answer that it hangs on, and comes back with it: what a kit
  // promises is no count of this product.
  const guesses = fields.filter((field) => field.dataset.usualWhile);
  function guess(field, changed) {
    const condition = field.dataset.usualWhile;
    const isHeld = holds(condition);
    field.querySelector(".asked__usual").hidden = !isHeld;
    if (!condition.split(" and ").some((term) => term.split(" ")[0] === changed)) return;
    const control = field.querySelector("input, select, textarea");
    if (!isHeld && control.value === field.dataset.usual) control.value = "";
    else if (isHeld && control.value === "") control.value = field.dataset.usual;
  }

  // What was said last time, where nothing is said yet: for this patient it counts
  // only because somebody pressed the button and looks at it.
  function takeOver(field) {
    const controls = [...field.querySelectorAll("input, select, textarea")];
    const isOpen = controls.every((control) => (/^(radio|checkbox)$/.test(control.type) ? !control.checked || control.value === "" : control.value.trim() === ""));
    if (field.hidden || !isOpen) return;
    const offered = field.dataset.offered.split("|");
    for (const control of controls) {
      if (/^(radio|checkbox)$/.test(control.type)) control.checked = offered.includes(control.value);
      else control.value = offered[0];
    }
    field.classList.add("asked--taken");
    show(field);
  }

  function firstOpen() {
    const open = fields.find((field) => !field.hidden && field.querySelector(".asked__mark") && valuesOf(field.dataset.asked).length === 0);
    return open?.querySelector("input, select, textarea");
  }

  // What follows from other answers, until somebody types something else there.
  const numbers = (text) => text.split(/[\s,;]+/).filter(Boolean).map(Number);
  const minutes = (text) => text.split(":").reduce((hours, rest) => Number(hours) * 60 + Number(rest));
  const derived = {
    aspirate_total_ml: () => {
      const draws = numbers(valuesOf("aspirations").join(" "));
      const sum = draws.reduce((all, one) => all + one, 0);
      return sum > 0 ? String(Math.round(sum * 100) / 100) : "";
    },
    minutes_to_injection: () => {
      const [drawn, injected] = [valuesOf("drawn_at")[0], valuesOf("performed_at")[0]];
      return drawn && injected && injected >= drawn ? String(minutes(injected) - minutes(drawn)) : "";
    },
  };
  for (const [name, compute] of Object.entries(derived)) {
    const target = form.elements[name];
    if (!target || target.value !== "") continue;
    let isOwn = false;
    target.addEventListener("input", () => (isOwn = true));
    form.addEventListener("input", (event) => {
      if (!isOwn && event.target !== target) target.value = compute();
    });
  }

  const button = form.querySelector("[data-take-over]");
  if (button) {
    button.hidden = false;
    button.addEventListener("click", () => {
      for (const field of fields) {
        show(field);
        if (field.dataset.offered) takeOver(field);
      }
      button.hidden = true;
      firstOpen()?.focus();
      // The warnings hang on some of them.
      form.querySelector("#id_performed_on")?.dispatchEvent(new Event("change", { bubbles: true }));
    });
  }

  // In their order: what is hidden answers nothing, so that what hangs on it goes too.
  const refresh = () => fields.forEach(show);
  form.addEventListener("change", (event) => guesses.forEach((field) => guess(field, event.target.name)));
  guesses.forEach((field) => guess(field, ""));
  form.addEventListener("input", refresh);
  form.addEventListener("change", refresh);
  refresh();
})();
