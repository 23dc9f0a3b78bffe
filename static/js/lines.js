// Add a line to a formset: copy its empty line and count it. Without script the form has enough lines to begin with.
document.querySelectorAll("[data-lines]").forEach((lines) => {
  const total = lines.querySelector(`[name="${lines.dataset.lines}-TOTAL_FORMS"]`);
  const empty = lines.querySelector("template[data-line]");
  const button = lines.querySelector("[data-add-line]");
  if (!total || !empty || !button) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    const holder = document.createElement("div");
    holder.innerHTML = empty.innerHTML.replaceAll("__prefix__", total.value);
    const line = holder.firstElementChild;
    empty.before(line);
    total.value = Number(total.value) + 1;
    line.querySelector("input").focus();
  });
});
