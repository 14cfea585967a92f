// Makes the file field a place to drop a file on, and checks it at once. Without this the field and its button do.
(() => {
  "use strict";
  const form = document.querySelector("[data-drop]");
  const zone = form?.querySelector("[data-drop-zone]");
  const input = form?.querySelector("input[type=file]");
  if (!zone || !input) return;
  zone.dataset.ready = "";
  const show = () => {
    if (input.files.length) form.querySelector("[data-drop-name]").textContent = input.files[0].name;
  };
  input.addEventListener("change", show);
  for (const kind of ["dragenter", "dragover"]) zone.addEventListener(kind, () => (zone.dataset.over = ""));
  for (const kind of ["dragleave", "drop"]) zone.addEventListener(kind, () => delete zone.dataset.over);
  // The field covers the zone, so the browser itself takes the file; only the sending is ours.
  zone.addEventListener("drop", () => setTimeout(() => input.files.length && form.requestSubmit()));
})();
