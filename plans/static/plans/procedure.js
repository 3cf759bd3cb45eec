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

  // In their order: what is hidden answers nothing, so that what hangs on it goes too.
  const refresh = () => fields.forEach(show);
  form.addEventListener("input", refresh);
  form.addEventListener("change", refresh);
  refresh();
})();
