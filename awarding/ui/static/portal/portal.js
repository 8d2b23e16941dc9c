// What every page gains from JavaScript. Nothing here is needed to do the work.

const body = document.body;

// GOV.UK Frontend switches its components on only where the page says that it is supported.
body.classList.add("js-enabled", "govuk-frontend-supported");
import(body.dataset.govukFrontend)
  .then(({ initAll }) => initAll())
  .catch(() => body.classList.remove("govuk-frontend-supported"));

// Menus close as people expect: with Escape, by a click elsewhere, or when the focus has moved on.
// What "More" opens stands in the page and covers nothing: it closes with Escape only.
const menus = document.querySelectorAll("details.portal-menu");
for (const menu of document.querySelectorAll("details.portal-menu, details.portal-nav__more")) {
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && menu.open) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
}
for (const menu of menus) {
  menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
  });
}
document.addEventListener("click", (event) => {
  for (const menu of menus) if (menu.open && !menu.contains(event.target)) menu.open = false;
});

// Tells this browser's other tabs that somebody is signed in: a grid that waits for it sends what it kept.
if (body.dataset.user) {
  try {
    localStorage.setItem("portal-signed-in", String(Date.now()));
  } catch {
    // Forbidden: the grid tries again by itself, only later.
  }
}

// The end of a session is announced in time, and can be put off with one key.
const WARN_BEFORE = 5 * 60;
const seconds = Number(body.dataset.sessionSeconds);
const notice = document.querySelector("[data-timeout]");
if (seconds && notice) {
  const soon = notice.querySelector("[data-timeout-soon]");
  const over = notice.querySelector("[data-timeout-over]");
  let timers = [];
  const show = (part) => {
    soon.hidden = part !== soon;
    over.hidden = part !== over;
    notice.hidden = false;
  };
  const start = () => {
    timers.forEach(clearTimeout);
    notice.hidden = true;
    timers = [
      setTimeout(show, Math.max(seconds - WARN_BEFORE, 0) * 1000, soon),
      setTimeout(show, seconds * 1000, over),
    ];
  };
  notice.querySelector("button").addEventListener("click", async () => {
    try {
      const answer = await fetch(body.dataset.keepAlive, { headers: { "X-Requested-With": "portal" } });
      if (answer.ok && !answer.redirected) start();
      else show(over);
    } catch {
      show(soon);
    }
  });
  // Timers stop while a computer sleeps: look at the clock again when somebody comes back.
  const began = Date.now();
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && Date.now() - began > seconds * 1000 && notice.hidden) show(over);
  });
  start();
}
