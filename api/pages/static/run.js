// Shows how far a run is as it goes; without this the page is fetched again every three seconds.
const box = document.getElementById("running");
const bar = box.querySelector("progress");
const label = box.querySelector("label");
const stages = Object.entries(JSON.parse(box.dataset.stages));
const source = new EventSource(box.dataset.progress);

source.addEventListener("progress", (event) => {
  const now = JSON.parse(event.data);
  const words = stages.find(([start]) => (now.stage ?? "").startsWith(start));
  if (words) label.textContent = words[1];
  if (now.total) {
    bar.max = now.total;
    bar.value = now.done;
  } else {
    bar.removeAttribute("value");
  }
});
source.addEventListener("end", () => {
  source.close();
  location.reload();
});
