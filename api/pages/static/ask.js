// In the search box of the first page Enter searches, as in any search box; Shift+Enter is a new line.
const form = document.getElementById("ask");

form.addEventListener("keydown", (event) => {
  // Vietnamese keyboards compose letters; Enter then only ends one.
  const typed = event.target.matches("textarea") && !event.isComposing;
  if (typed && event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    form.requestSubmit();
  }
});
