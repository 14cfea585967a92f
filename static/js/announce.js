// Says to screen readers what [data-announce] says after htmx has swapped it in, and only when it has changed:
// a live region that is itself swapped every second would be read again and again, or not at all.
(() => {
  "use strict";
  const announcer = document.getElementById("announcer");
  let last = document.querySelector("[data-announce]")?.textContent;
  document.addEventListener("htmx:load", () => {
    const text = document.querySelector("[data-announce]")?.textContent;
    if (!text || text === last) return;
    last = text;
    announcer.textContent = text;
  });
})();
