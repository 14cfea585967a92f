// A keyboard on the page that types a motif: each key adds its note to the text field and lets it be heard.
(() => {
  "use strict";
  const field = document.querySelector("[data-motif]");
  if (!field) return;
  const NAMES = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"], LOWEST = 60, HIGHEST = 84;
  const LENGTHS = [["0.5", "Eighth"], ["1", "Quarter"], ["2", "Half"]];
  let context = null;

  const sound = (pitch) => {
    context ??= new AudioContext();
    const tone = context.createOscillator(), level = context.createGain(), now = context.currentTime;
    tone.type = "triangle";
    tone.frequency.value = 440 * 2 ** ((pitch - 69) / 12);
    level.gain.setValueAtTime(0.2, now);
    level.gain.exponentialRampToValueAtTime(0.001, now + 0.5);
    tone.connect(level).connect(context.destination);
    tone.start(now);
    tone.stop(now + 0.5);
  };
  const add = (word) => {
    field.value = `${field.value.trim()} ${word}`.trim();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const button = (text, className, act) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = className;
    made.textContent = text;
    made.addEventListener("click", act);
    return made;
  };

  const length = document.createElement("select");
  length.setAttribute("aria-label", "Length of the next note");
  LENGTHS.forEach(([value, name]) => length.append(new Option(name, value, value === "1", value === "1")));
  const suffix = () => (length.value === "1" ? "" : `:${length.value}`);

  const keys = document.createElement("div");
  keys.className = "motif-keys";
  keys.setAttribute("role", "group");
  keys.setAttribute("aria-label", "Keyboard: adds notes to the motif");
  for (let pitch = LOWEST; pitch <= HIGHEST; pitch += 1) {
    const name = `${NAMES[pitch % 12]}${Math.floor(pitch / 12) - 1}`;
    const look = name.includes("#") ? "motif-key motif-key-black" : "motif-key";
    keys.append(button(name, look, () => { sound(pitch); add(name + suffix()); }));
  }
  const tools = document.createElement("div");
  tools.className = "cluster motif-tools";
  tools.append(
    length,
    button("Rest", "button button-quiet", () => add(`R${suffix()}`)),
    button("Take back", "button button-quiet", () => {
      field.value = field.value.trim().split(/\s+/).slice(0, -1).join(" ");
    }),
  );
  field.after(keys, tools);
})();
