// Entries of a grid on their way to the server. Whatever is typed is in localStorage until the server has answered,
// so neither a lost connection nor an ended session loses it. Stored without names: row and column keys, and the value.

const FIRST_WAIT = 2000;
const LONGEST_WAIT = 60000;
const SIGN_IN_WAIT = 15000;
const SIGNED_IN = "portal-signed-in";
const KEEP_FOR = 14 * 24 * 3600 * 1000;

const newKey = () =>
  window.crypto.randomUUID ? window.crypto.randomUUID() : `${Date.now()}-${Math.random().toString(36).slice(2)}`;

export class GridQueue {
  /**
   * onResult(result, entry) for each answered entry; onBatch(results) after an answer;
   * onTrouble(kind or null) with kind "offline" | "signedOut" | "otherPerson" | "unreadable".
   */
  constructor({ url, token, user, id, onSending, onResult, onBatch, onTrouble }) {
    Object.assign(this, { url, token, user, onSending, onResult, onBatch, onTrouble });
    this.prefix = `portal-grid:${user}:${id}:`;
    this.waiting = new Map();
    this.batch = null;
    this.sending = false;
    this.wait = FIRST_WAIT;
    this.timer = 0;
    this.trouble = null;
    this.asked = false;
    window.addEventListener("online", () => this.send());
    window.addEventListener("focus", () => this.trouble && this.send());
    // Another tab of this browser opened a page of somebody signed in: very likely the one asked to sign in again.
    window.addEventListener("storage", ({ key }) => key === SIGNED_IN && this.trouble && this.send());
  }

  static key(entry) {
    return `${entry.row}:${entry.column}`;
  }

  get count() {
    return new Set([...this.waiting.keys(), ...(this.batch ? this.batch.entries.map(GridQueue.key) : [])]).size;
  }

  // --- what is kept in this browser ---
  remember(entry) {
    try {
      localStorage.setItem(this.prefix + GridQueue.key(entry), JSON.stringify({ ...entry, at: Date.now() }));
    } catch {
      // Full or forbidden: sending still works, only the safety net is gone.
    }
  }

  forget(entry) {
    try {
      localStorage.removeItem(this.prefix + GridQueue.key(entry));
    } catch {
      // As above.
    }
  }

  kept() {
    const found = [];
    try {
      for (const name of Object.keys(localStorage)) {
        if (!name.startsWith(this.prefix)) continue;
        try {
          const entry = JSON.parse(localStorage.getItem(name));
          if (Date.now() - entry.at < KEEP_FOR) found.push(entry);
          else localStorage.removeItem(name);
        } catch {
          localStorage.removeItem(name);
        }
      }
    } catch {
      return [];
    }
    return found.sort((one, other) => one.at - other.at);
  }

  // --- sending ---
  add(entries) {
    for (const entry of entries) {
      this.remember(entry);
      this.waiting.set(GridQueue.key(entry), entry);
    }
    if (entries.length) this.send();
  }

  async send() {
    if (this.sending) {
      this.asked = true;
      return;
    }
    this.asked = false;
    // A batch without an answer is sent again as it was, under the same key: the server may have had it already.
    if (!this.batch) {
      if (!this.waiting.size) return;
      this.batch = { key: newKey(), entries: [...this.waiting.values()] };
      this.waiting.clear();
    }
    clearTimeout(this.timer);
    this.sending = true;
    this.onSending(this.batch.entries);
    let again = false;
    try {
      if (this.trouble === "signedOut" || this.trouble === "otherPerson") await this.refreshToken();
      again = await this.deliver();
    } catch (problem) {
      this.fail(problem.kind || "offline");
    } finally {
      this.sending = false;
    }
    // Asked while an attempt was failing: what prompted it may have come after the attempt set out.
    if (again || (this.asked && this.trouble)) this.send();
  }

  async post() {
    const { entries, key } = this.batch;
    const data = new URLSearchParams();
    if (entries.length === 1) {
      for (const name of ["row", "column", "value", "version"]) data.set(name, entries[0][name]);
    } else {
      data.set("cells", JSON.stringify(entries.map(({ row, column, value, version }) => ({ row, column, value, version }))));
    }
    return fetch(this.url, {
      method: "POST",
      body: data,
      credentials: "same-origin",
      // Lets the last entry leave with the page, within the browser's limit for such requests.
      keepalive: data.toString().length < 60000,
      headers: {
        Accept: "application/json",
        "X-CSRFToken": this.token,
        "X-Requested-With": "portal-grid",
        "Idempotency-Key": key,
      },
    });
  }

  /** One attempt. True when more is waiting; throws {kind} when it has to be tried again later. */
  async deliver() {
    let answer = await this.post();
    if (answer.status === 403 && !this.isJson(answer)) {
      // The page's token is out of date, for example after signing in again in another tab.
      await this.refreshToken();
      answer = await this.post();
    }
    if (answer.status === 401 || (answer.redirected && !this.isJson(answer))) throw { kind: "signedOut" };
    if (answer.status >= 500 || answer.status === 429) throw { kind: "offline" };
    let content = null;
    if (this.isJson(answer)) content = await answer.json().catch(() => null);
    if (!answer.ok) {
      const message = (content && (content.message || content.detail)) || `${answer.status} ${answer.statusText}`;
      this.settle(this.batch.entries.map((entry) => ({ ...entry, status: "refused", message })));
    } else if (content && Array.isArray(content.cells)) {
      this.settle(content.cells);
    } else {
      throw { kind: answer.ok && !content ? "signedOut" : "unreadable" };
    }
    return this.waiting.size > 0;
  }

  isJson(answer) {
    return (answer.headers.get("Content-Type") || "").includes("application/json");
  }

  settle(results) {
    const sent = new Map(this.batch.entries.map((entry) => [GridQueue.key(entry), entry]));
    this.batch = null;
    this.wait = FIRST_WAIT;
    this.setTrouble(null);
    for (const result of results) {
      const key = GridQueue.key(result);
      const entry = sent.get(key);
      if (!entry) continue;
      sent.delete(key);
      // Sent twice and stored the first time: what looks like somebody else's change is our own.
      if (result.status === "conflict" && result.theirs === entry.value) result.status = "saved";
      const newer = this.waiting.get(key);
      if (newer) newer.version = result.version ?? newer.version;
      else if (result.status !== "conflict") this.forget(entry);
      this.onResult(result, entry, Boolean(newer));
    }
    for (const entry of sent.values()) this.waiting.set(GridQueue.key(entry), this.waiting.get(GridQueue.key(entry)) || entry);
    this.onBatch(results);
  }

  fail(kind) {
    this.setTrouble(kind);
    const person = kind === "signedOut" || kind === "otherPerson";
    this.timer = setTimeout(() => this.send(), person ? SIGN_IN_WAIT : this.wait);
    if (!person) this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
  }

  setTrouble(kind) {
    this.trouble = kind;
    this.onTrouble(kind);
  }

  /** Reads this page again for a new token; throws when nobody, or somebody else, is signed in. */
  async refreshToken() {
    const answer = await fetch(window.location.href, { credentials: "same-origin", headers: { Accept: "text/html" } });
    if (answer.status >= 500) throw { kind: "offline" };
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const user = page.body.dataset.user;
    const token = page.querySelector('meta[name="csrf-token"]');
    if (!user || !token) throw { kind: "signedOut" };
    if (user !== this.user) throw { kind: "otherPerson" };
    this.token = token.content;
  }
}
