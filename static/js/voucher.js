/* The voucher's form by keyboard: accounts while typing, Enter moves on, = balances, // repeats the summary above,
   Ctrl+S saves, Ctrl+Enter submits.
   Without script the form has lines enough, and "Check and add up" does the sums on the server. */
(() => {
  "use strict";
  const form = document.querySelector("[data-voucher]");
  if (!form) return;
  const MOST = 12;
  const PAUSE = 200;
  const body = form.querySelector("[data-lines]");
  const empty = form.querySelector("template[data-line]");
  const total = form.querySelector('[name="lines-TOTAL_FORMS"]');
  const known = new Map();
  let accounts = [];
  let field = null;
  let active = 0;
  let timer = 0;

  /* ---- figures: whole cents, so that nothing is rounded ---- */
  const AS_ABOVE = ["//", "..", "、、", "。。"];
  /* As the server reads it: 1,200 is clear, 1,2 is not. */
  const plainOf = (text) => {
    const bare = text.normalize("NFKC").replace(/。/g, ".").replace(/−/g, "-").replace(/[\s¥]/g, "").replace(/元$/, "");
    return /^-?\d{1,3}(,\d{3})+(\.\d*)?$/.test(bare) ? bare.replace(/,/g, "") : bare;
  };
  const isAmount = (text) => /^-?\d+(\.\d{0,2})?$/.test(plainOf(text));
  const cents = (text) => {
    const plain = plainOf(text);
    if (!isAmount(text)) return 0n;
    const [whole, part = ""] = plain.replace("-", "").split(".");
    const value = BigInt(whole) * 100n + BigInt(part.padEnd(2, "0"));
    return plain.startsWith("-") ? -value : value;
  };
  const written = (value) => {
    const size = value < 0n ? -value : value;
    return `${value < 0n ? "-" : ""}${size / 100n}.${String(size % 100n).padStart(2, "0")}`;
  };
  const money = (value) => {
    const [whole, part] = written(value < 0n ? -value : value).split(".");
    return `${value < 0n ? "-" : ""}¥${whole.replace(/\B(?=(\d{3})+$)/g, ",")}.${part}`;
  };

  /* ---- rows ---- */
  const rows = () => [...body.querySelectorAll("[data-row]")];
  const cell = (row, name) => row.querySelector(`[data-cell=${name}]`);
  const half = (row) => known.get(cell(row, "account").value.trim().split(" ")[0])?.half || "financial";
  const addRow = () => {
    const holder = document.createElement("tbody");
    holder.innerHTML = empty.innerHTML.replaceAll("__prefix__", total.value);
    const row = holder.firstElementChild;
    body.append(row);
    total.value = Number(total.value) + 1;
    return row;
  };

  /* ---- sums ---- */
  const sumsOf = (name, without) => {
    const sums = { debit: 0n, credit: 0n, lines: 0 };
    for (const row of rows()) {
      if (row === without || half(row) !== name) continue;
      const [debit, credit] = [cents(cell(row, "debit").value), cents(cell(row, "credit").value)];
      sums.debit += debit;
      sums.credit += credit;
      if (debit || credit) sums.lines += 1;
    }
    return sums;
  };
  /* The figures are added up here; the numerals are asked for once a person pauses. */
  const capital = async (line) => {
    const { value } = line.dataset;
    const address = new URL(form.dataset.capital, location.href);
    address.searchParams.set("amount", value);
    const answer = await fetch(address);
    if (!answer.ok || line.dataset.value !== value) return;
    line.querySelector("[data-capital]").textContent = (await answer.json()).capital;
    line.dataset.said = value;
  };
  const showSums = () => {
    const lines = [...form.querySelectorAll("[data-half]")];
    for (const line of lines) {
      const sums = sumsOf(line.dataset.half);
      const difference = sums.debit - sums.credit;
      /* Of the sum with which the page came, the numerals are there already. */
      const came = line.dataset.value === undefined && line.querySelector("[data-debit]").textContent === money(sums.debit);
      if (came) line.dataset.said = written(sums.debit);
      line.querySelector("[data-debit]").textContent = money(sums.debit);
      line.querySelector("[data-credit]").textContent = money(sums.credit);
      line.querySelector("[data-difference]").textContent = money(difference);
      line.querySelector(".hq-voucher-off").hidden = difference === 0n;
      line.classList.toggle("is-off", difference !== 0n);
      if (line.dataset.half === "budget") line.hidden = !sums.lines;
      line.dataset.value = written(sums.debit);
      if (line.dataset.said !== line.dataset.value) line.querySelector("[data-capital]").textContent = "…";
    }
    clearTimeout(timer);
    timer = setTimeout(() => {
      lines.filter((line) => line.dataset.said !== line.dataset.value).forEach((line) => capital(line).catch(() => {}));
    }, PAUSE);
  };
  const balance = (input) => {
    const row = input.closest("[data-row]");
    const other = cell(row, input.dataset.cell === "debit" ? "credit" : "debit");
    const sums = sumsOf(half(row), row);
    const missing = input.dataset.cell === "debit" ? sums.credit - sums.debit : sums.debit - sums.credit;
    const here = missing >= 0n ? input : other;
    (here === input ? other : input).value = "";
    here.value = missing === 0n ? "" : written(missing < 0n ? -missing : missing);
    here.focus();
    here.select();
    showSums();
  };

  const repeat = (input) => {
    const above = rows().filter((row) => !row.hidden && row !== input.closest("[data-row]"));
    const before = above.filter((row) => row.compareDocumentPosition(input) & Node.DOCUMENT_POSITION_FOLLOWING);
    const said = before.reverse().map((row) => cell(row, "summary").value.trim());
    input.value = said.find(Boolean) || "";
  };

  /* ---- accounts ---- */
  const list = document.createElement("ul");
  list.className = "hq-voucher-finds";
  list.id = "account-finds";
  list.setAttribute("role", "listbox");
  list.hidden = true;
  form.append(list);
  const options = () => [...list.children];
  const close = () => {
    list.hidden = true;
    field?.setAttribute("aria-expanded", "false");
    field?.removeAttribute("aria-activedescendant");
  };
  const mark = (place) => {
    const all = options();
    if (!all.length) return;
    active = (place + all.length) % all.length;
    all.forEach((option, at) => option.setAttribute("aria-selected", String(at === active)));
    all[active].scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", all[active].id);
  };
  const find = (typed) => {
    const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
    if (/^\d+$/.test(typed)) return accounts.filter((one) => one.code.startsWith(typed));
    // Whose name or initials are just this comes first.
    const other = (one) => Number(!one.words.includes(typed.toLowerCase()));
    return accounts.filter((one) => words.every((word) => one.text.includes(word))).sort((a, b) => other(a) - other(b));
  };
  const show = () => {
    const typed = field.value.trim();
    const found = typed && !known.has(typed.split(" ")[0]) ? find(typed).slice(0, MOST) : [];
    list.replaceChildren(
      ...found.map((one, at) => {
        const option = document.createElement("li");
        option.id = `account-find-${at}`;
        option.setAttribute("role", "option");
        option.textContent = one.label;
        return option;
      }),
    );
    if (!found.length) return close();
    field.after(list);
    list.hidden = false;
    field.setAttribute("aria-expanded", "true");
    return mark(0);
  };
  const choose = (at) => {
    field.value = options()[at].textContent;
    close();
    showSums();
  };
  const equip = (input) => {
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", list.id);
    input.setAttribute("aria-expanded", "false");
  };
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    const at = options().indexOf(event.target.closest("[role=option]"));
    if (at >= 0) choose(at);
  });
  fetch(form.dataset.accounts)
    .then((answer) => answer.json())
    .then((answer) => {
      accounts = answer.accounts.map(([code, label, text, of]) => ({ code, label, text, words: text.split(" "), half: of }));
      accounts.forEach((one) => known.set(one.code, one));
      form.dataset.ready = "yes";
      showSums();
      if (field && document.activeElement === field) show();
    })
    .catch(() => {});

  /* ---- moving on ---- */
  const onward = (input) => {
    const row = input.closest("[data-row]");
    if (!row) {
      const heads = [...form.querySelectorAll(".hq-voucher-head input, .hq-voucher-head select")];
      return heads[heads.indexOf(input) + 1] || cell(rows()[0], "summary");
    }
    const name = input.dataset.cell;
    if (name === "summary") return cell(row, "account");
    // An account that has its amount needs nothing more.
    if (name === "account") return cell(row, cell(row, "credit").value && !cell(row, "debit").value ? "credit" : "debit");
    if (name === "debit" && !input.value.trim()) return cell(row, "credit");
    return cell(rows()[rows().indexOf(row) + 1] || addRow(), "summary");
  };
  const go = (input) => {
    input.focus();
    input.select?.();
  };
  const step = (input, by) => {
    const all = rows();
    const row = all[all.indexOf(input.closest("[data-row]")) + by];
    if (row) go(cell(row, input.dataset.cell));
  };

  form.addEventListener("keydown", (event) => {
    const input = event.target;
    if (event.isComposing) return;
    const held = event.ctrlKey || event.metaKey;
    if (held && (event.key === "Enter" || event.key.toLowerCase() === "s")) {
      event.preventDefault();
      if (!list.hidden) choose(active);
      form.requestSubmit(form.querySelector(event.key === "Enter" ? "[data-submit]" : "[data-save]"));
      return;
    }
    if (!input.matches("input:not([type=hidden]), select")) return;
    const isOpen = !list.hidden && input === field;
    if (event.key === "Enter") {
      event.preventDefault();
      if (isOpen) choose(active);
      go(onward(input));
    } else if (event.key === "Escape" && isOpen) {
      close();
    } else if (event.key === "Tab" && isOpen) {
      choose(active);
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && input.dataset.cell) {
      event.preventDefault();
      const by = event.key === "ArrowDown" ? 1 : -1;
      if (isOpen) mark(active + by);
      else step(input, by);
    } else if (event.key === "=" && ["debit", "credit"].includes(input.dataset.cell)) {
      event.preventDefault();
      balance(input);
    }
  });
  form.addEventListener("input", (event) => {
    const { cell: name } = event.target.dataset;
    if (name === "account") {
      field = event.target;
      show();
    }
    if (name === "summary" && AS_ABOVE.includes(event.target.value)) repeat(event.target);
    if (name && name !== "summary") showSums();
    if (name === "debit" || name === "credit") {
      // An input method types = in full width, and not as a key.
      if (/[=＝]$/.test(event.target.value)) balance(event.target);
      if (!event.target.value.trim() || isAmount(event.target.value)) event.target.classList.remove("is-invalid");
    }
  });
  form.addEventListener("focusin", (event) => {
    if (event.target !== field) close();
    if (event.target.dataset.cell === "account") {
      field = event.target;
      equip(field);
    }
  });
  form.addEventListener("focusout", ({ target }) => {
    const isSum = ["debit", "credit"].includes(target.dataset.cell);
    if (isSum && target.value.trim() && !isAmount(target.value)) target.classList.add("is-invalid");
  });
  form.addEventListener("focusout", () => setTimeout(() => document.activeElement !== field && close(), PAUSE));
  form.querySelector("[data-add]").addEventListener("click", (event) => {
    event.preventDefault();
    go(cell(addRow(), "summary"));
  });
  body.addEventListener("click", (event) => {
    const button = event.target.closest("[data-remove]");
    if (!button) return;
    event.preventDefault();
    const row = button.closest("[data-row]");
    row.querySelectorAll("input").forEach((input) => (input.value = ""));
    // The line stays in the form, empty: so the numbers of the others stay as they are.
    row.hidden = rows().filter((one) => !one.hidden).length > 1;
    showSums();
  });
  if (form.querySelector(".is-invalid")) form.querySelector(".is-invalid").focus();
})();
