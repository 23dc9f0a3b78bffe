/* The form of a cash count: sums, difference and capital numerals while one types.
   Without script "Check and add up" does the same on the server. */
(() => {
  "use strict";
  const form = document.querySelector("[data-count]");
  if (!form) return;
  const PAUSE = 250;
  /* More pieces of one note than the server takes. */
  const MOST = 100000;
  const find = (name) => form.querySelector(`[data-${name}]`);
  const pieces = [...form.querySelectorAll("[data-fen]")];
  let timer = 0;

  /* Whole fen, so that nothing is rounded. What is no amount counts as nothing, as on the server. */
  const plain = (text) => text.normalize("NFKC").replace(/。/g, ".").replace(/[\s¥]/g, "").replace(/元$/, "");
  const fen = (text) => {
    const bare = plain(text);
    const typed = /^\d{1,3}(,\d{3})+(\.\d*)?$/.test(bare) ? bare.replace(/,/g, "") : bare;
    if (!/^-?\d*(\.\d{0,2})?$/.test(typed) || !/\d/.test(typed)) return 0;
    const [whole, part = ""] = typed.replace("-", "").split(".");
    const value = Number(whole || "0") * 100 + Number(part.padEnd(2, "0"));
    return typed.startsWith("-") ? -value : value;
  };
  const number = (text) => (/^\d{1,6}$/.test(plain(text)) && Number(plain(text)) <= MOST ? Number(plain(text)) : 0);
  /* An amount below zero is refused there; the balance of the book may be one. */
  const typed = (name) => Math.max(fen(find(name).value), 0);
  const written = (value) => `${Math.floor(value / 100)}.${String(value % 100).padStart(2, "0")}`;
  const money = (value) => {
    const [whole, part] = written(Math.abs(value)).split(".");
    return `${value < 0 ? "-" : ""}¥${whole.replace(/\B(?=(\d{3})+$)/g, ",")}.${part}`;
  };

  const say = async (total) => {
    const address = new URL(form.dataset.capital, location.href);
    address.searchParams.set("amount", written(total));
    const answer = await fetch(address);
    if (answer.ok && form.dataset.shown === String(total)) find("words").textContent = (await answer.json()).capital;
  };
  const show = () => {
    let total = 0;
    for (const input of pieces) {
      const amount = number(input.value) * Number(input.dataset.fen);
      input.closest("tr").querySelector("[data-amount]").textContent = amount ? money(amount) : "";
      total += amount;
    }
    const due = fen(form.dataset.book) + typed("plus") - typed("minus");
    find("total").textContent = money(total);
    find("due").textContent = money(due);
    find("difference").textContent = money(total - due);
    find("difference-row").classList.toggle("is-differing", total !== due);
    find("over").hidden = total <= due;
    find("short").hidden = total >= due;
    if (form.dataset.shown === String(total)) return;
    form.dataset.shown = String(total);
    find("words").textContent = "…";
    clearTimeout(timer);
    timer = setTimeout(() => say(total).catch(() => {}), PAUSE);
  };
  /* Enter goes to the next note, as one counts; the last one leads to the next field. */
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !pieces.includes(event.target)) return;
    event.preventDefault();
    const next = pieces[pieces.indexOf(event.target) + 1] || find("plus");
    next.focus();
    next.select();
  });
  form.addEventListener("input", show);
})();
