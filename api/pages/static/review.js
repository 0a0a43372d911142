// Deciding without leaving the list: keys, forms sent beside, and what others decide as it happens.
// The server draws the page each time; this only puts the new list in place of the old one.
const every = 4000; // milliseconds between two looks for what others decided
const spoken = document.getElementById("spoken");
let list = document.getElementById("review");
let undo = null;
let busy = false;

const rows = () => [...list.querySelectorAll("[data-row]")];
const held = () => document.activeElement?.closest?.("[data-row]");
const isList = () => list.querySelector("table") !== null;

async function fetched(url, options = {}) {
  const answer = await fetch(url, { ...options, headers: { Accept: "text/html" } });
  if (!answer.ok) throw new Error(String(answer.status));
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

// Puts the list of another page in place, and the focus where it was.
function place(page, step = 0) {
  const fresh = page.getElementById("review");
  if (!fresh) return location.reload();
  const was = held();
  const at = was ? rows().indexOf(was) : -1;
  const button = was && document.activeElement.dataset?.key;
  list.replaceWith(fresh);
  list = fresh;
  if (!was) return;
  const now = rows();
  let next = was.id ? now.findIndex((row) => row.id === was.id) : 0;
  next = next < 0 ? at : next + step;
  const row = now[Math.min(Math.max(next, 0), now.length - 1)];
  const same = step === 0 && button && row?.querySelector(`[data-key="${button}"]`);
  if (same) same.focus();
  else go(row);
}

function go(row) {
  if (!row) return;
  if (row.matches("tr")) row.focus({ preventScroll: true });
  else row.querySelector("button")?.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

async function decide(form, button, step) {
  if (busy) return;
  busy = true;
  const body = new URLSearchParams(new FormData(form));
  if (button) body.set(button.name, button.value);
  try {
    const page = await fetched(form.action, { method: "POST", body });
    const notice = page.querySelector(".notice");
    undo = notice?.querySelector("form") ?? null;
    if (undo) undo = document.importNode(undo, true);
    place(page, step);
    say(notice?.querySelector("p")?.textContent ?? "");
  } catch {
    // Offline, or signed out meanwhile: the plain form shows the page that says so.
    const chosen = document.createElement("input");
    Object.assign(chosen, { type: "hidden", name: button?.name ?? "x", value: button?.value ?? "" });
    form.append(chosen);
    form.submit();
  } finally {
    busy = false;
  }
}

function say(text) {
  spoken.textContent = text;
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches(".verdicts-form")) return;
  event.preventDefault();
  decide(event.target, event.submitter, 0);
});

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const key = event.key.toLowerCase();
  if (isList() ? inList(key) : onPair(key)) event.preventDefault();
});

function inList(key) {
  const all = rows();
  const row = held();
  const at = row ? all.indexOf(row) : -1;
  if (key === "j" || key === "k") {
    go(key === "j" ? all[Math.min(at + 1, all.length - 1)] : all[Math.max(at - 1, 0)]);
    return true;
  }
  if (key === "u" && undo) return decide(undo, null, 0), true;
  if (!row) return false;
  if (key === "o" || key === "n") {
    location.assign(row.querySelector("a").href + (key === "n" ? "#note" : ""));
    return true;
  }
  return press(row, key, 1);
}

function onPair(key) {
  const to = { j: '[rel="next"]', k: '[rel="prev"]' }[key];
  if (to) return document.querySelector(`main ${to}`)?.click(), true;
  if (key === "n") return document.getElementById("note")?.focus(), true;
  if (key === "u" && undo) return decide(undo, null, 0), true;
  return press(list, key, 0);
}

function press(row, key, step) {
  const button = row.querySelector(`[data-key="${key}"]`);
  if (button) decide(button.form, button, step);
  return Boolean(button);
}

// What others decide. A note somebody is writing, or an open hint, is left alone.
setInterval(async () => {
  if (document.hidden || busy || list.contains(document.activeElement?.closest("textarea"))) return;
  try {
    const answer = await fetch(list.dataset.changes, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const { mark } = await answer.json();
    if (mark === list.dataset.mark || busy) return;
    const page = await fetched(location.href);
    if (!busy) place(page);
  } catch {
    // The next look may find the service again.
  }
}, every);
