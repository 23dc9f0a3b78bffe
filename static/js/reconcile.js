/* Add both sides of a bank reconciliation up while one types. Without script "Check and add up" does it. */
(() => {
  "use strict";
  const form = document.querySelector("[data-reconcile]");
  const sums = form?.querySelector("[data-sums]");
  if (!sums) return;
  /* Whole cents, so that nothing is rounded; what is no amount counts as nothing. */
  const cents = (text) => {
    const bare = text.normalize("NFKC").replace(/。/g, ".").replace(/−/g, "-").replace(/[\s¥]/g, "").replace(/元$/, "");
    const plain = /^-?\d{1,3}(,\d{3})+(\.\d*)?$/.test(bare) ? bare.replace(/,/g, "") : bare;
    if (!/^-?\d+(\.\d{0,2})?$/.test(plain)) return 0n;
    const [whole, part = ""] = plain.replace("-", "").split(".");
    const value = BigInt(whole) * 100n + BigInt(part.padEnd(2, "0"));
    return plain.startsWith("-") ? -value : value;
  };
  const money = (value) => {
    const size = value < 0n ? -value : value;
    const whole = String(size / 100n).replace(/\B(?=(\d{3})+$)/g, ",");
    return `${value < 0n ? "-" : ""}¥${whole}.${String(size % 100n).padStart(2, "0")}`;
  };
  const show = () => {
    const total = { bank_received: 0n, bank_paid: 0n, we_received: 0n, we_paid: 0n };
    form.querySelectorAll("[data-item]").forEach((line) => {
      total[line.querySelector("[data-kind]").value] += cents(line.querySelector("[data-amount]").value);
    });
    form.querySelectorAll("[data-entry]:checked").forEach((box) => {
      total[box.dataset.entry] += cents(box.dataset.amount);
    });
    total.statement = cents(form.querySelector("[data-statement]").value);
    total.ours = cents(sums.dataset.book) + total.bank_received - total.bank_paid;
    total.theirs = total.statement + total.we_received - total.we_paid;
    total.difference = total.theirs - total.ours;
    sums.querySelectorAll("[data-sum]").forEach((place) => {
      place.textContent = money(total[place.dataset.sum]);
    });
    sums.querySelector(".hq-reconcile-off").hidden = total.difference === 0n;
    sums.querySelector(".hq-reconcile-even").hidden = total.difference !== 0n;
  };
  form.addEventListener("input", show);
  form.addEventListener("change", show);
  show();
})();
