// Turns <time data-countdown="left" datetime="..."> into "14:32 UTC (12:07 left)", counting down.
// Nothing depends on it: without JavaScript the time itself stays.
(() => {
  "use strict";
  const texts = new WeakMap();

  const show = (element) => {
    if (!texts.has(element)) texts.set(element, element.textContent);
    const seconds = Math.max(0, Math.floor((Date.parse(element.dateTime) - Date.now()) / 1000));
    const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    element.textContent = `${texts.get(element)} (${clock} ${element.dataset.countdown})`;
  };

  const tick = () => document.querySelectorAll("time[data-countdown]").forEach(show);
  tick();
  setInterval(tick, 1000);
})();
