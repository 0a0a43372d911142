// While somebody writes, the matches of the text as it stands; and no text lost by leaving.
const form = document.getElementById("record");
const trial = document.getElementById("trial");
const state = document.getElementById("trial-state");
const PAUSE = 900; // milliseconds without a key

let waiting = 0;
let asking = null;
let changed = false;
let shown = text();

function text() {
  const data = new URLSearchParams(new FormData(form));
  return data.toString();
}

async function refresh() {
  const now = text();
  if (now === shown) return;
  asking?.abort();
  asking = new AbortController();
  state.textContent = trial.dataset.working;
  try {
    const answer = await fetch("/records/preview", {
      method: "POST",
      body: new URLSearchParams(now),
      headers: { "X-CSRF-Token": form.elements.csrf.value },
      signal: asking.signal,
    });
    if (!answer.ok) throw new Error(answer.status);
    const open = trial.querySelector("details")?.open;
    trial.innerHTML = await answer.text();
    if (open) trial.querySelector("details").open = true;
    shown = now;
    state.textContent = trial.dataset.done;
  } catch (error) {
    if (error.name !== "AbortError") state.textContent = trial.dataset.failed;
  }
}

form.addEventListener("input", () => {
  changed = true;
  clearTimeout(waiting);
  waiting = setTimeout(refresh, PAUSE);
});
form.addEventListener("submit", () => {
  changed = false;
});
window.addEventListener("beforeunload", (event) => {
  if (changed) event.preventDefault();
});
