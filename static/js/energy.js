// Lets the energy curve be drawn over the text field that holds it. The field stays: it is what is sent, what the
// keyboard and screen readers use, and all there is without JavaScript.
(() => {
  "use strict";
  const field = document.querySelector("[data-energy]");
  if (!field) return;
  const POINTS = 16, WIDTH = 320, HEIGHT = 96, SVG = "http://www.w3.org/2000/svg";
  const make = (name, attributes) => {
    const node = document.createElementNS(SVG, name);
    Object.entries(attributes).forEach(([key, value]) => node.setAttribute(key, value));
    return node;
  };
  const svg = make("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "energy-curve", "aria-hidden": "true", preserveAspectRatio: "none" });
  const line = make("polyline", { fill: "none", "vector-effect": "non-scaling-stroke" });
  svg.append(line);
  field.before(svg);

  const readPoints = () => {
    const points = field.value.split(/[\s,;]+/).filter(Boolean).map(Number);
    return points.length >= 2 && points.every((point) => point >= 0 && point <= 100) ? points : [];
  };
  const show = () => {
    const points = readPoints();
    const place = (point, index) => `${(index / (points.length - 1)) * WIDTH},${HEIGHT - (point / 100) * HEIGHT}`;
    line.setAttribute("points", points.map(place).join(" "));
  };
  const spread = (points) => Array.from({ length: POINTS }, (_, index) => {
    if (points.length < 2) return 50;
    const at = (index / (POINTS - 1)) * (points.length - 1), low = Math.min(Math.floor(at), points.length - 2);
    return Math.round(points[low] + (points[low + 1] - points[low]) * (at - low));
  });

  let drawn = null, last = null;
  const draw = (event) => {
    const box = svg.getBoundingClientRect();
    const index = Math.round(Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1) * (POINTS - 1));
    const level = Math.round(Math.min(Math.max(1 - (event.clientY - box.top) / box.height, 0), 1) * 100);
    const [from, height] = last ?? [index, level], steps = Math.abs(index - from);
    for (let step = 0; step <= steps; step += 1) {
      const share = steps ? step / steps : 1;
      drawn[from + Math.sign(index - from) * step] = Math.round(height + (level - height) * share);
    }
    last = [index, level];
    field.value = drawn.join(" ");
    show();
  };
  svg.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    svg.setPointerCapture(event.pointerId);
    [drawn, last] = [spread(readPoints()), null];
    draw(event);
    event.preventDefault();
  });
  svg.addEventListener("pointermove", (event) => drawn && draw(event));
  ["pointerup", "pointercancel"].forEach((name) => svg.addEventListener(name, () => { drawn = null; }));
  field.addEventListener("input", show);
  show();
})();
