// The evidence checklist with JavaScript: the shares follow what is typed, and each line of one learner's evidence is
// saved as it is changed. Without it both pages are saved by their buttons and show the shares when they come back.

const settings = document.getElementById("checklist-live");
if (settings) followShares(JSON.parse(settings.textContent));

const form = document.querySelector("form[data-evidence]");
if (form) saveLines(form);

function followShares({ counts, needed, share }) {
  // Decimals are not exact here: three times a third of a whole is still the whole.
  const HAIR = 1e-9;
  const rows = [...document.querySelectorAll("form[data-grid] tbody tr")];
  const bar = document.querySelector("[data-checklist-bar] progress");
  const words = document.querySelector("[data-checklist-bar] .portal-progress__text");
  const shareOf = (row) => {
    const controls = [...row.querySelectorAll("select")];
    return controls.reduce((sum, control) => sum + (counts[control.value] ?? 0), 0) / Math.max(controls.length, 1);
  };
  const done = () => needed === null
    ? document.querySelectorAll("form[data-grid] tbody select:not([data-empty])").length
    : rows.filter((row) => shareOf(row) >= needed - HAIR).length;
  const markEmpty = (control) => control.toggleAttribute("data-empty", !control.value);
  document.querySelectorAll("form[data-grid] tbody select").forEach(markEmpty);
  // Learners on other pages count as the server said.
  const elsewhere = bar ? bar.value - done() : 0;
  const tell = ({ target }) => {
    if (!target.matches?.("select")) return;
    markEmpty(target);
    const row = target.closest("tr");
    const hint = row.querySelector("th .portal-grid__hint");
    if (hint) hint.textContent = share.replace("{percent}", Math.floor(shareOf(row) * 100 + HAIR));
    if (!bar) return;
    const before = bar.value;
    bar.value = elsewhere + done();
    words.textContent = words.textContent.replace(before.toLocaleString("en-GB"), bar.value.toLocaleString("en-GB"));
  };
  document.addEventListener("change", tell);
  // Pasting and "take theirs" fill controls without a change event; they are told about when focus moves on.
  document.addEventListener("focusout", tell);
}

function saveLines(form) {
  const words = form.dataset;
  const chains = new Map();

  const save = async (line) => {
    const status = line.querySelector("[data-line-status]");
    const data = new URLSearchParams(new FormData(form));
    const own = new URLSearchParams({ csrfmiddlewaretoken: data.get("csrfmiddlewaretoken") });
    for (const [name, value] of data) if (name.startsWith(`${line.dataset.line}-`)) own.append(name, value);
    status.textContent = words.saving;
    try {
      const answer = await fetch(window.location.href, {
        method: "POST", body: own, credentials: "same-origin", headers: { "X-Requested-With": "fetch" },
      });
      const content = await answer.json();
      const result = content.cells?.[0];
      if (result?.status === "saved") {
        line.querySelector(`[name="${line.dataset.line}-version"]`).value = result.version;
        status.textContent = words.saved;
      } else {
        status.textContent = result?.message || content.message || content.detail || words.unsaved;
      }
    } catch {
      status.textContent = words.unsaved;
    }
  };

  form.addEventListener("change", ({ target }) => {
    const line = target.closest("[data-line]");
    if (!line) return;
    // One after the other: each answer brings the version that the next one needs.
    chains.set(line, (chains.get(line) ?? Promise.resolve()).then(() => save(line)));
  });
}
