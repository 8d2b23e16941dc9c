// The grid with JavaScript: cells saved as they are left, moved between by keyboard, filled by pasting a block.
// Without it the same form is saved by its button.

const form = document.querySelector("form[data-grid]:not([data-read-only])");
if (form) import(form.dataset.queueUrl).then(({ GridQueue }) => start(form, GridQueue));

const CONTROL = "select, input[type=text]";

function start(form, GridQueue) {
  const words = JSON.parse(form.querySelector('script[type="application/json"]').textContent);
  const rows = form.querySelector("tbody").rows;
  const status = form.querySelector("[data-grid-status]");
  const trouble = form.querySelector("[data-grid-trouble]");
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  const say = (text) => { status.textContent = text; };

  const queue = new GridQueue({
    url: form.dataset.saveUrl,
    token: form.querySelector("input[name=csrfmiddlewaretoken]").value,
    user: form.dataset.user,
    id: form.dataset.grid,
    onSending: (entries) => entries.forEach((entry) => mark(cellOf(entry), "saving", words.saving)),
    onResult: showResult,
    onBatch: showBatch,
    onTrouble: showTrouble,
  });

  // --- a cell and its entry ---
  const controlIn = (cell) => cell?.querySelector(CONTROL);
  const storedIn = (control) => control.parentElement.querySelector("input[type=hidden]");
  const isDirty = (control) => control.value.trim() !== (control.dataset.sent ?? storedIn(control).value).trim();

  function cellOf({ row, column }) {
    return form.querySelector(`[name="cell:${CSS.escape(row)}:${CSS.escape(column)}"]`)?.parentElement;
  }

  function entryOf(control) {
    return {
      row: control.closest("tr").dataset.row,
      column: control.dataset.column,
      value: control.value.trim(),
      version: control.dataset.version,
    };
  }

  function nameOf(control) {
    return control.getAttribute("aria-labelledby").split(" ").map((id) => document.getElementById(id).textContent.trim()).join(", ");
  }

  function leave(controls) {
    const entries = controls.filter(isDirty).map((control) => {
      control.dataset.sent = control.value;
      return entryOf(control);
    });
    queue.add(entries);
    return entries.length;
  }

  // --- what a cell says about itself ---
  function mark(cell, state, text, buttons = []) {
    if (!cell) return;
    const control = controlIn(cell);
    cell.querySelector(".portal-grid__error")?.remove();
    let said = cell.querySelector(".portal-grid__said");
    if (!said) {
      said = document.createElement("span");
      said.className = "portal-grid__said";
      said.id = `gs-${cell.parentElement.dataset.row}-${control.dataset.column}`;
      cell.append(said);
      const described = (control.getAttribute("aria-describedby") || "").split(" ").filter((id) => id && !id.startsWith("ge-"));
      control.setAttribute("aria-describedby", [...described, said.id].join(" "));
    }
    cell.dataset.state = state;
    said.textContent = text;
    if (state === "refused" || state === "conflict") control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
    for (const [label, act] of buttons) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = label;
      button.setAttribute("aria-label", `${label}: ${nameOf(control)}`);
      button.addEventListener("click", act);
      said.append(" ", button);
    }
  }

  function showResult(result, entry, hasNewer) {
    const cell = cellOf(result);
    const control = controlIn(cell);
    if (!control) return;
    if (result.status === "refused") {
      if (!hasNewer) mark(cell, "refused", fill(words.refused, { why: result.message }));
      control.dataset.sent = storedIn(control).value;
      return;
    }
    control.dataset.version = result.version;
    if (hasNewer) return;
    if (result.status === "conflict") return showConflict(cell, control, result, entry);
    const stored = result.value ?? entry.value;
    storedIn(control).value = stored;
    // Typed further while this was on its way: leave that alone, it is saved when the cell is left.
    if (control.value.trim() === entry.value) control.value = stored;
    control.dataset.sent = stored;
    mark(cell, "saved", words.saved);
  }

  function showConflict(cell, control, result, entry) {
    const settle = (value, text) => {
      queue.forget(entry);
      storedIn(control).value = result.theirs;
      control.value = value;
      control.dataset.sent = result.theirs;
      mark(cell, value === result.theirs ? "saved" : "waiting", text);
      control.focus();
      leave([control]);
    };
    const theirs = [...(control.options ?? [])].find((option) => option.value === result.theirs)?.text || result.theirs;
    mark(cell, "conflict", fill(words.conflict, { theirs: theirs || words.empty }), [
      [words.takeTheirs, () => settle(result.theirs, words.saved)],
      [words.keepMine, () => settle(entry.value, words.saving)],
    ]);
  }

  function showBatch(results) {
    const failed = results.filter((result) => result.status !== "saved");
    const saved = results.length - failed.length;
    const first = controlIn(cellOf(failed[0] ?? results[0] ?? {}));
    const parts = [];
    if (saved === 1 && !failed.length && first) parts.push(fill(words.savedOne, { cell: nameOf(first) }));
    else if (saved) parts.push(fill(words.savedMany, { count: saved }));
    if (failed.length) {
      const why = first?.parentElement.querySelector(".portal-grid__said")?.firstChild?.textContent ?? "";
      parts.push(fill(words.failedMany, { count: failed.length, first: first ? `${nameOf(first)}: ${why}` : why }));
    }
    if (!failed.length && !queue.count) parts.push(words.allSaved);
    say(parts.join(" "));
  }

  function showTrouble(kind) {
    trouble.replaceChildren();
    trouble.hidden = !kind;
    if (!kind) return;
    trouble.append(`${words[kind]} ${fill(words.waiting, { count: queue.count })} `);
    if (kind === "signedOut" || kind === "otherPerson") {
      const link = Object.assign(document.createElement("a"), {
        href: window.location.href, target: "_blank", className: "govuk-link", textContent: words.signIn,
      });
      trouble.append(link, " ");
    }
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: words.sendNow });
    button.addEventListener("click", () => queue.send());
    trouble.append(button);
    for (const entry of queue.batch?.entries ?? []) mark(cellOf(entry), "waiting", words.notSent);
  }

  // --- leaving, typing, closing ---
  form.addEventListener("input", ({ target }) => {
    if (target.matches(CONTROL) && target.name.startsWith("cell:")) queue.remember(entryOf(target));
  });
  // Dictation and other aids may fill a cell without ever being in it.
  form.addEventListener("change", ({ target }) => {
    if (target.matches(CONTROL) && target !== document.activeElement) leave([target]);
  });
  form.addEventListener("focusout", ({ target }) => {
    if (!target.matches(CONTROL)) return;
    if (isDirty(target)) leave([target]);
    else if (!queue.waiting.size && !queue.batch && target.parentElement.dataset.state !== "conflict") queue.forget(entryOf(target));
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!leave([...form.querySelectorAll(`tbody :is(${CONTROL})`)])) say(words.allSaved);
  });
  document.addEventListener("visibilitychange", () => {
    const control = document.activeElement;
    if (document.hidden && form.contains(control) && control.matches(CONTROL)) leave([control]);
  });

  // --- moving ---
  function neighbour(control, down, right) {
    const cell = control.parentElement;
    let row = cell.parentElement.rowIndex - rows[0].rowIndex + down;
    let column = cell.cellIndex + right;
    while (rows[row]?.cells[column]) {
      const found = controlIn(rows[row].cells[column]);
      if (found) return found;
      row += down;
      column += right;
    }
    return null;
  }

  function isListOpen(control) {
    try {
      return control.matches("select:open");
    } catch {
      return false;
    }
  }

  const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  form.addEventListener("keydown", (event) => {
    const control = event.target;
    if (!control.matches(CONTROL) || event.ctrlKey || event.metaKey || event.altKey || isListOpen(control)) return;
    if (event.key === "Escape" && isDirty(control)) {
      control.value = storedIn(control).value;
      queue.forget(entryOf(control));
      return;
    }
    let move = MOVES[event.key];
    if (event.key === "Enter") move = [event.shiftKey ? -1 : 1, 0];
    else if (event.shiftKey) return;
    if (!move) return;
    if (move[1] && control.type === "text") {
      const edge = move[1] < 0 ? 0 : control.value.length;
      if (control.selectionStart !== edge || control.selectionEnd !== edge) return;
    }
    event.preventDefault();
    const next = neighbour(control, ...move);
    if (next) {
      next.focus();
      if (next.select) next.select();
    } else if (event.key === "Enter") leave([control]);
  });

  // --- pasting ---
  form.addEventListener("paste", (event) => {
    const control = event.target;
    if (!control.matches(CONTROL)) return;
    const text = event.clipboardData.getData("text/plain");
    if (control.type === "text" && !/[\t\n\r]/.test(text)) return;
    event.preventDefault();
    const counts = { locked: 0, beyond: 0, emptied: 0, unknown: [] };
    const changed = [];
    const top = control.parentElement.parentElement.rowIndex - rows[0].rowIndex;
    const left = control.parentElement.cellIndex;
    const holds = (target, value) => {
      const before = target.value;
      if (!put(target, value)) return false;
      if (before && !target.value) counts.emptied += 1;
      return true;
    };
    readBlock(text).forEach((line, down) => line.forEach((value, right) => {
      const cell = rows[top + down]?.cells[left + right];
      const target = controlIn(cell);
      if (!cell) counts.beyond += 1;
      else if (!target) counts.locked += 1;
      else if (holds(target, value)) changed.push(target);
      else counts.unknown.push(value);
    }));
    const filled = leave(changed);
    const parts = [fill(words.pasted, { count: filled - counts.emptied })];
    if (counts.emptied) parts.push(fill(words.pasteEmptied, { count: counts.emptied }));
    if (counts.locked) parts.push(fill(words.pasteLocked, { count: counts.locked }));
    if (counts.beyond) parts.push(fill(words.pasteBeyond, { count: counts.beyond }));
    if (counts.unknown.length) {
      const examples = [...new Set(counts.unknown)].slice(0, 3).map((value) => `“${value}”`).join(", ");
      parts.push(fill(words.pasteUnknown, { count: counts.unknown.length, examples }));
    }
    report(parts.join(" "));
  });

  function put(control, value) {
    const wanted = value.trim();
    if (!control.options) {
      control.value = wanted;
      return true;
    }
    const same = (text) => text.trim().toLowerCase() === wanted.toLowerCase();
    const option = [...control.options].find(({ value: own, text }) => same(own) || same(text));
    if (option) control.value = option.value;
    return Boolean(option);
  }

  // What a paste left out must outlast "saved", so it stands apart from the status.
  function report(text) {
    const place = form.querySelector("[data-grid-report]");
    place.textContent = text;
    place.hidden = false;
  }

  // --- entries of an earlier visit ---
  function offerKept() {
    const kept = queue.kept().filter((entry) => {
      const control = controlIn(cellOf(entry));
      if (control && storedIn(control).value === entry.value) {
        queue.forget(entry);
        return false;
      }
      return true;
    });
    if (!kept.length) return;
    const box = form.querySelector("[data-grid-kept]");
    const close = () => { box.hidden = true; };
    const button = (text, act) => {
      const made = Object.assign(document.createElement("button"), { type: "button", textContent: text });
      made.className = "govuk-button govuk-button--secondary";
      made.addEventListener("click", () => { act(); close(); });
      return made;
    };
    const line = document.createElement("p");
    line.className = "govuk-body";
    line.textContent = fill(words.kept, { count: kept.length });
    const group = document.createElement("div");
    group.className = "govuk-button-group";
    group.append(
      button(words.sendKept, () => {
        for (const entry of kept) {
          const control = controlIn(cellOf(entry));
          if (control && put(control, entry.value)) control.dataset.sent = control.value;
        }
        queue.add(kept);
      }),
      button(words.dropKept, () => kept.forEach((entry) => queue.forget(entry))),
    );
    box.replaceChildren(line, group);
    box.hidden = false;
  }

  form.querySelector("[data-grid-save]").hidden = true;
  form.querySelector("[data-grid-help]").hidden = false;
  form.dataset.ready = "true";
  offerKept();
}

/** The rows and cells of a block copied from a spreadsheet: tabs and lines, quotes round what contains them. */
function readBlock(text) {
  const rows = [[""]];
  let quoted = false;
  let fresh = true;
  const add = (letter) => { rows.at(-1)[rows.at(-1).length - 1] += letter; };
  const source = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  for (let place = 0; place < source.length; place += 1) {
    const letter = source[place];
    if (quoted) {
      if (letter !== '"') add(letter);
      else if (source[place + 1] === '"') { add('"'); place += 1; }
      else quoted = false;
    } else if (letter === '"' && fresh) quoted = true;
    else if (letter === "\t") rows.at(-1).push("");
    else if (letter === "\n") rows.push([""]);
    else add(letter);
    fresh = !quoted && (letter === "\t" || letter === "\n");
  }
  return rows;
}
