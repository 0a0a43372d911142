// Grades with the keyboard: 0–3 grades the pair at hand and goes on, J and K go down and up.
const pairs = [...document.querySelectorAll(".judge-pair")];
const told = document.getElementById("judged");
let at = 0;

function show(next) {
  at = Math.max(0, Math.min(pairs.length - 1, next));
  const input = pairs[at].querySelector("input:checked") ?? pairs[at].querySelector("input[type=radio]");
  input.focus({ preventScroll: true });
  pairs[at].scrollIntoView({ block: "nearest" });
}

function count() {
  const done = pairs.filter((pair) => pair.querySelector("input:checked")).length;
  told.textContent = `${done} / ${pairs.length}`;
}

if (pairs.length) {
  for (const hint of document.querySelectorAll(".only-script")) hint.hidden = false;
  count();
  document.addEventListener("change", count);
  document.addEventListener("focusin", (event) => {
    const pair = event.target.closest(".judge-pair");
    if (pair) at = pairs.indexOf(pair);
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.matches("input:not([type=radio]), textarea, select")) return;
    if (/^[0-3]$/.test(event.key)) {
      const input = pairs[at].querySelector(`input[type=radio][value="${event.key}"]`);
      input.checked = true;
      input.dispatchEvent(new Event("change", { bubbles: true }));
      show(at + 1);
    } else if (event.key === "j" || event.key === "k") {
      show(at + (event.key === "j" ? 1 : -1));
    } else return;
    event.preventDefault();
  });
}
