// Makes the finished page handier: one list at a time, filters, both languages of the interface.

const root = document.documentElement;
const byId = (id) => document.getElementById(id);
const views = [...document.querySelectorAll("section.view")];
const words = byId("words");
const least = byId("least");
const evidence = byId("evidence");
const read = new Map();
const applied = new Map(); // the filter each list was last run through
const shown = new Map(); // how many records and matches it left

// Accents, case and Đ do not count: "xu ly nuoc" finds "Xử lý nước".
const fold = (text) =>
  text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[đĐ]/g, "d").toLowerCase();

const language = () => document.querySelector('[name="ui"]:checked').value;
const current = () => views.find((view) => view.classList.contains("current"));

// What a list holds; its texts are folded only when words are looked for.
function groupsOf(view) {
  if (!read.has(view)) {
    read.set(view, [...view.querySelectorAll("article.group")].map((element) => ({
      element,
      more: element.querySelector("details.more"),
      rows: [...element.querySelectorAll("li.match")].map((row) => ({
        element: row,
        score: Number(row.dataset.score),
      })),
    })));
  }
  return read.get(view);
}

function textOf(part, element) {
  part.text ??= fold(element.textContent);
  return part.text;
}

function filterGroup(group, asked, floor) {
  const header = group.element.querySelector("header");
  const missing = asked.filter((word) => !textOf(group, header).includes(word));
  let seen = 0;
  for (const row of group.rows) {
    const fits = row.score >= floor
      && missing.every((word) => textOf(row, row.element).includes(word));
    row.element.hidden = !fits;
    seen += fits;
  }
  group.element.hidden = group.rows.length ? seen === 0 : missing.length > 0;
  if (group.more) {
    const hit = Boolean(group.more.querySelector("li.match:not([hidden])"));
    group.more.hidden = !hit;
    group.more.open = hit && (asked.length > 0 || floor > 0);
  }
  return seen;
}

function filter() {
  const view = current();
  const asked = fold(words.value).split(/\s+/).filter(Boolean);
  const floor = Number(least.value);
  const wanted = `${floor} ${asked.join(" ")}`;
  const groups = groupsOf(view);
  const all = groups.reduce((sum, group) => sum + group.rows.length, 0);
  if ((applied.get(view) ?? "0 ") !== wanted) {
    const matches = groups.reduce((sum, group) => sum + filterGroup(group, asked, floor), 0);
    applied.set(view, wanted);
    shown.set(view, [groups.filter((group) => !group.element.hidden).length, matches]);
  }
  report(...(shown.get(view) ?? [groups.length, all]), groups.length, all);
}

function report(records, matches, allRecords, allMatches) {
  const number = new Intl.NumberFormat(language());
  const [r, R, m, M] = [records, allRecords, matches, allMatches].map((value) => number.format(value));
  const rows = allMatches > 0;
  evidence.hidden = least.closest("label").hidden = !rows;
  byId("state").textContent = language() === "vi"
    ? `Đang hiện ${r}/${R} hồ sơ${rows ? `, ${m}/${M} ghép nối` : ""}`
    : `Showing ${r} of ${R} records${rows ? `, ${m} of ${M} matches` : ""}`;
  const two = new Intl.NumberFormat(language(), { minimumFractionDigits: 2 });
  byId("least-shown").textContent = two.format(Number(least.value));
}

function openEvidence(open) {
  evidence.setAttribute("aria-pressed", String(open));
  for (const item of current().querySelectorAll("details.evidence")) item.open = open;
}

// The address decides which list is in sight: #by-offer, or #o12 for one offer in it.
function show() {
  const target = byId(decodeURIComponent(location.hash.slice(1)));
  const view = target?.closest("section.view") ?? current() ?? views[0];
  for (const each of views) each.classList.toggle("current", each === view);
  for (const link of document.querySelectorAll("nav a")) {
    if (link.hash === `#${view.id}`) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  evidence.setAttribute("aria-pressed", "false");
  filter();
  if (target?.matches("article.group") && target.hidden) { // asked for by name: filters give way
    words.value = "";
    least.value = "0";
    filter();
  }
  if (target?.matches("article.group")) target.scrollIntoView();
  else if (view.getBoundingClientRect().top < 0) view.scrollIntoView();
}

function speak() {
  root.lang = language();
  document.title = root.dataset[language() === "vi" ? "titleVi" : "titleEn"];
  if (current()) filter();
}

let waiting;
const soon = () => {
  clearTimeout(waiting);
  waiting = setTimeout(filter, 120);
};

words.addEventListener("input", soon);
least.addEventListener("input", soon);
evidence.addEventListener("click", () => openEvidence(evidence.getAttribute("aria-pressed") !== "true"));
document.querySelector("form.filters").addEventListener("submit", (event) => event.preventDefault());
for (const radio of document.querySelectorAll('[name="ui"]')) radio.addEventListener("change", speak);
addEventListener("hashchange", show);

// Paper cannot be clicked: the folded matches are printed too.
let unfolded = [];
addEventListener("beforeprint", () => {
  unfolded = [...current().querySelectorAll("details.more:not([open])")];
  for (const item of unfolded) item.open = true;
});
addEventListener("afterprint", () => {
  for (const item of unfolded) item.open = false;
});

speak();
show();
