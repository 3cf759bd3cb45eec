// One click ticks every box of a name, and the next one none; without this script each
// is ticked by hand.
for (const button of document.querySelectorAll("[data-chooses]")) {
  const name = CSS.escape(button.dataset.chooses);
  const boxes = [...document.querySelectorAll(`input[type=checkbox][name="${name}"]`)];
  const isAll = () => boxes.every((box) => box.checked);
  const show = () => { button.textContent = isAll() ? "Choose none" : "Choose all"; };

  button.hidden = boxes.length < 2;
  button.addEventListener("click", () => {
    const becomes = !isAll();
    for (const box of boxes) box.checked = becomes;
    show();
  });
  for (const box of boxes) box.addEventListener("change", show);
  show();
}
