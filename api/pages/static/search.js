// While a need is typed: what is still unclear in it. Then: three at most to compare, and copying a link.
const form = document.getElementById("ask");
const unclear = document.getElementById("unclear");
let waiting;
let asking;

form?.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(ask, 350);
});

async function ask() {
  asking?.abort();
  asking = new AbortController();
  const said = new FormData(form);
  // An address holds only so much; what is unclear shows long before.
  const query = new URLSearchParams({ q: String(said.get("q")).slice(0, 4000), want: said.get("want") });
  try {
    const answer = await fetch(`/search/unclear?${query}`, { signal: asking.signal, headers: { Accept: "text/html" } });
    if (!answer.ok) return;
    const made = document.createElement("template");
    made.innerHTML = await answer.text();
    if (made.content.textContent.trim() !== unclear.textContent.trim()) unclear.replaceChildren(made.content);
  } catch (error) {
    if (error.name !== "AbortError" && !(error instanceof TypeError)) throw error;
  }
}

const picks = [...document.querySelectorAll("input[form=compare]")];
const compare = document.querySelector("#compare button");

function counted() {
  const chosen = picks.filter((one) => one.checked).length;
  for (const one of picks) one.disabled = chosen >= 3 && !one.checked;
  compare.disabled = chosen < 2;
}

if (compare) {
  for (const one of picks) one.addEventListener("change", counted);
  counted();
}

const copy = document.getElementById("copy");
if (copy) {
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    const link = document.getElementById("share");
    link.select();
    try {
      await navigator.clipboard.writeText(link.value);
      copy.textContent = copy.dataset.done;
    } catch {
      link.focus(); // the link is selected: the keyboard copies it
    }
  });
}
