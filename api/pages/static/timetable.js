// Dragging meetings in the timetable. Without this script each meeting is a link to a form that
// does the same; the server judges both.
const table = document.getElementById("plan-table");
const form = document.getElementById("plan-move");
const says = document.getElementById("plan-says");
const kept = new Map();
let dragged = null;

const slotOf = (cell) => cell.parentElement.dataset.slot;
const tableOf = (cell) => table.tHead.rows[0].cells[cell.cellIndex].dataset.table;
const cellOf = (event) => event.target.closest?.("tr[data-slot] > td");

async function placesOf(link) {
  if (!kept.has(link.id)) {
    kept.set(link.id, fetch(`${link.pathname}/places`).then((answer) => (answer.ok ? answer.json() : null)));
  }
  return kept.get(link.id);
}

function mark(places) {
  for (const cell of table.querySelectorAll("tr[data-slot] > td")) {
    const open = places?.tables[slotOf(cell)]?.includes(Number(tableOf(cell)));
    cell.classList.toggle("plan-open", Boolean(open));
    const why = places?.why[slotOf(cell)];
    if (why) cell.title = why;
  }
}

function clear() {
  table.classList.remove("plan-dragging");
  for (const cell of table.querySelectorAll("td")) {
    cell.classList.remove("plan-open", "plan-over");
    cell.removeAttribute("title");
  }
  dragged = null;
}

for (const link of table.querySelectorAll("td > a")) link.draggable = true;

table.addEventListener("dragstart", async (event) => {
  dragged = event.target.closest("a");
  if (!dragged) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", dragged.id);
  const mine = dragged;
  const places = await placesOf(mine);
  if (dragged !== mine) return;
  table.classList.add("plan-dragging");
  mark(places);
});

table.addEventListener("dragover", (event) => {
  const cell = cellOf(event);
  if (!dragged || !cell) return;
  event.preventDefault();
  if (cell.classList.contains("plan-over")) return;
  table.querySelector(".plan-over")?.classList.remove("plan-over");
  cell.classList.add("plan-over");
  says.textContent = cell.title;
});

table.addEventListener("drop", (event) => {
  const cell = cellOf(event);
  if (!dragged || !cell) return;
  event.preventDefault();
  form.action = dragged.pathname;
  form.elements.slot.value = slotOf(cell);
  form.elements.table.value = tableOf(cell);
  clear();
  form.requestSubmit();
});

table.addEventListener("dragend", clear);
