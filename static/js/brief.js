// Keeps the summary beside the brief up to date: [data-summary="style"] shows what the controls named "style" say.
// Nothing depends on it: without JavaScript the summary stays hidden and the form works as it is.
(() => {
  "use strict";
  const form = document.querySelector("[data-brief]");
  if (!form) return;

  // A choice is named by its label, without the small print inside it.
  const readLabel = (input) => {
    const label = input.labels[0].cloneNode(true);
    for (const part of label.querySelectorAll("small, input")) part.remove();
    return label.textContent.trim();
  };

  const readControl = (control) => {
    if (control.disabled || control.value === "") return [];
    if (control.type === "checkbox" || control.type === "radio") return control.checked ? [readLabel(control)] : [];
    return [control.tagName === "SELECT" ? control.selectedOptions[0].textContent.trim() : control.value];
  };

  const readSummary = (name) => [...form.elements].filter((control) => control.name === name).flatMap(readControl).join(", ");

  const update = () => {
    for (const output of form.querySelectorAll("[data-summary]")) {
      const text = output.dataset.summary.split(" ").map(readSummary).find(Boolean);
      output.textContent = text ? text + (output.dataset.unit ?? "") : output.dataset.empty;
    }
  };

  form.addEventListener("input", update);
  form.querySelector("[data-brief-summary]").hidden = false;
  update();
})();
