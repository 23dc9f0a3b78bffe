/* Small comforts; every page works without them. */
(() => {
  "use strict";

  /* "/" goes to the search field. */
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    const field = [...document.querySelectorAll("[data-search]")].find((input) => input.offsetParent !== null);
    if (field) {
      event.preventDefault();
      field.focus();
      field.select();
    }
  });

  /* A filter that is chosen filters at once. */
  document.addEventListener("change", (event) => {
    const form = event.target.matches("select") && event.target.closest("form[data-auto-submit]");
    if (form) form.requestSubmit ? form.requestSubmit() : form.submit();
  });

  /* A second tap on a form that is on its way does nothing; its key would make it harmless anyway. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    form.querySelectorAll("button:not([type=button])").forEach((button) => button.setAttribute("aria-disabled", "true"));
  });
  const release = () => {
    document.querySelectorAll("form[data-sent]").forEach((form) => {
      delete form.dataset.sent;
      form.querySelectorAll("button[aria-disabled]").forEach((button) => button.removeAttribute("aria-disabled"));
    });
  };
  window.addEventListener("pageshow", (event) => event.persisted && release());

  /* An open menu closes when one clicks elsewhere or presses Escape. */
  const menus = "details.hq-switch[open], details.hq-more[open]";
  document.addEventListener("click", (event) => {
    document.querySelectorAll(menus).forEach((menu) => menu.contains(event.target) || menu.removeAttribute("open"));
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    document.querySelectorAll(menus).forEach((menu) => {
      menu.removeAttribute("open");
      menu.querySelector("summary").focus();
    });
  });

  /* The current chip of a row that scrolls sideways comes into view. */
  document.querySelectorAll(".hq-chip-row [aria-current]").forEach((chip) => {
    const row = chip.parentElement;
    if (row.scrollWidth > row.clientWidth) row.scrollLeft = chip.offsetLeft - row.offsetLeft - 16;
  });

  document.querySelectorAll("[data-print]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  });
})();
