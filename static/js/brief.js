// Keeps the summary beside the brief up to date: [data-summary="style"] shows what the controls named "style" say.
// Nothing depends on it: without JavaScript the style sheet hides the summary and the form works as it is.
(() => {
  "use strict";
  const form = document.querySelector("[data-brief]");
  if (!form) return;
  const chosen = form.querySelector("[data-group='instruments']");

  const readControl = (control) => {
    if (control.matches(":disabled") || control.value === "") return [];
    if (control.type === "checkbox" || control.type === "radio") {
      // "choose" only points at the instruments below it.
      return control.checked && control.value !== "choose" ? [control.labels[0].textContent.trim()] : [];
    }
    return [control.tagName === "SELECT" ? control.selectedOptions[0].textContent.trim() : control.value.trim()];
  };

  const readSummary = (name) => [...form.elements].filter((control) => control.name === name).flatMap(readControl).join(", ");

  const showSummary = (output) => {
    const text = output.dataset.summary.split(" ").map(readSummary).find(Boolean);
    const unit = /^[\d.,]+$/.test(text ?? "") ? (output.dataset.unit ?? "") : "";
    output.textContent = text ? text + unit : output.dataset.empty;
  };

  const update = () => {
    chosen.disabled = form.elements.ensemble.value !== "choose";
    form.querySelectorAll("[data-summary]").forEach(showSummary);
  };

  form.addEventListener("input", (event) => {
    if (event.target.name === "length") form.elements.seconds.value = "";
    update();
  });
  window.addEventListener("pageshow", update); // on the way back, the browser restores the controls after this script
  update();
})();
