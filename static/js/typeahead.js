/* A text field that finds people or places while one types; the hidden field beside it takes what is chosen. */
(() => {
  "use strict";
  const PAUSE = 150;

  const equip = (box) => {
    if (box.dataset.ready) return;
    box.dataset.ready = "yes";
    const field = box.querySelector("input[role=combobox]");
    const chosen = box.querySelector("input[type=hidden]");
    const list = box.querySelector("[role=listbox]");
    let timer = 0;
    let asked = 0;
    let active = -1;

    const options = () => [...list.querySelectorAll("[role=option]")];
    const close = () => {
      list.hidden = true;
      active = -1;
      field.setAttribute("aria-expanded", "false");
      field.removeAttribute("aria-activedescendant");
    };
    const mark = (place) => {
      const all = options();
      if (!all.length) return;
      active = (place + all.length) % all.length;
      all.forEach((option, at) => option.setAttribute("aria-selected", String(at === active)));
      all[active].scrollIntoView({ block: "nearest" });
      field.setAttribute("aria-activedescendant", all[active].id);
    };
    const choose = (option) => {
      chosen.value = option.dataset.value;
      field.value = option.dataset.label;
      close();
      chosen.dispatchEvent(new Event("change", { bubbles: true }));
    };
    const show = async () => {
      const query = field.value.trim();
      const turn = ++asked;
      if (!query) return close();
      const address = new URL(box.dataset.url, location.href);
      address.searchParams.set("q", query);
      try {
        const answer = await fetch(address, { headers: { "HX-Request": "true" } });
        if (!answer.ok || turn !== asked) return;
        list.innerHTML = await answer.text();
      } catch {
        return;
      }
      options().forEach((option, at) => (option.id = `${list.id}-${at}`));
      list.hidden = false;
      active = -1;
      field.setAttribute("aria-expanded", "true");
    };

    field.addEventListener("input", () => {
      chosen.value = "";
      clearTimeout(timer);
      timer = setTimeout(show, PAUSE);
    });
    field.addEventListener("keydown", (event) => {
      if (event.key === "Escape") close();
      if (list.hidden) return;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        mark(active + (event.key === "ArrowDown" ? 1 : active < 0 ? 0 : -1));
      } else if (event.key === "Enter" && active >= 0) {
        event.preventDefault();
        choose(options()[active]);
      }
    });
    field.addEventListener("blur", () => setTimeout(close, PAUSE));
    list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const option = event.target.closest("[role=option]");
      if (option) choose(option);
    });
  };

  document.querySelectorAll(".hq-typeahead[data-url]").forEach(equip);
  document.addEventListener("htmx:load", (event) => {
    event.target.querySelectorAll(".hq-typeahead[data-url]").forEach(equip);
  });
})();
