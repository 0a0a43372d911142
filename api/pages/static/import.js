// Files dropped on the page; and what other meanings of columns would come to, at once.
const drop = document.getElementById("drop");
const columns = document.getElementById("columns-form");
const PAUSE = 350; // milliseconds

if (drop) {
  const form = document.getElementById("send");
  const files = document.getElementById("files");
  const names = drop.querySelector(".drop-names");
  drop.querySelector(".drop-hint").hidden = false;
  const tell = () => {
    names.textContent = [...files.files].map((file) => file.name).join(", ");
  };
  files.addEventListener("change", tell);
  for (const name of ["dragenter", "dragover"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  for (const name of ["dragleave", "drop"]) {
    drop.addEventListener(name, () => drop.classList.remove("over"));
  }
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    files.files = event.dataTransfer.files;
    tell();
    form.requestSubmit();
  });
  form.addEventListener("submit", () => {
    const button = form.querySelector("button");
    button.textContent = button.dataset.working;
  });
}

if (columns) {
  let waiting = 0;
  let asking = null;

  const refresh = async () => {
    const outcome = document.getElementById("outcome");
    const state = document.getElementById("outcome-state");
    asking?.abort();
    asking = new AbortController();
    outcome.setAttribute("aria-busy", "true");
    state.textContent = outcome.dataset.working;
    try {
      const answer = await fetch(columns.action, {
        method: "POST",
        body: new URLSearchParams(new FormData(columns)),
        signal: asking.signal,
      });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("outcome");
      if (!answer.ok || !fresh) {
        location.assign(answer.url);
        return;
      }
      outcome.replaceWith(document.adoptNode(fresh));
      for (const name of ["listing"]) {
        document.getElementById(name).replaceWith(document.adoptNode(page.getElementById(name)));
      }
      // What each column now counts as, so that the next change is told from it.
      const was = page.querySelectorAll("#columns-form [name=was]");
      const here = columns.querySelectorAll("[name=was]");
      if (was.length === here.length) here.forEach((one, at) => (one.value = was[at].value));
      document.getElementById("outcome-state").textContent =
        document.querySelector("#sum + .stats, #outcome .summary p").innerText.replace(/\s+/g, " ");
    } catch (error) {
      if (error.name !== "AbortError") state.textContent = outcome.dataset.failed;
    } finally {
      document.getElementById("outcome").removeAttribute("aria-busy");
    }
  };

  columns.addEventListener("change", () => {
    clearTimeout(waiting);
    waiting = setTimeout(refresh, PAUSE);
  });
}
