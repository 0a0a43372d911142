// Notes an outcome without leaving the place in the table: the page that answers gives the row.
const main = document.getElementById("main");

async function send(form, button) {
  const body = new URLSearchParams(new FormData(form, button));
  const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "text/html" } });
  if (!answer.ok) throw new Error(answer.status);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

function take(made, id, label) {
  for (const part of [id, "sum", "sift"]) {
    const old = document.getElementById(part);
    const fresh = made.getElementById(part);
    if (old && fresh) old.replaceWith(fresh);
  }
  main.querySelector(":scope > .notice")?.remove();
  const notice = made.querySelector("#main > .notice");
  if (notice) main.prepend(notice);
  const row = document.getElementById(id);
  [...(row?.querySelectorAll("button") ?? [])].find((one) => one.textContent === label)?.focus();
}

main.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches(".tell") || form.dataset.plain) return;
  event.preventDefault();
  const id = form.closest("tr").id;
  form.setAttribute("aria-busy", "true");
  try {
    take(await send(form, event.submitter), id, event.submitter.textContent);
  } catch {
    form.dataset.plain = "yes";
    form.requestSubmit(event.submitter);
  }
});
