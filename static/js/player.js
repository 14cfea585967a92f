// Upgrades every [data-player] from the browser's own controls to a waveform that can be clicked, dragged and keyed.
// One track plays at a time. Positions are written through the style object: the content policy allows no style attributes.
(() => {
  "use strict";
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  const STEPS = { ArrowRight: 5, ArrowUp: 5, ArrowLeft: -5, ArrowDown: -5, PageUp: 15, PageDown: -15 };
  let current = null;

  const formatClock = (seconds) => {
    const whole = Math.max(0, Math.round(seconds));
    return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
  };

  class Player {
    constructor(root) {
      const find = (name) => root.querySelector(`[data-player-${name}]`);
      this.root = root;
      this.audio = find("audio");
      this.toggle = find("toggle");
      this.wave = find("wave");
      this.now = find("now");
      this.message = find("message");
      this.title = root.dataset.title;
      this.seconds = Number(root.dataset.seconds);
      this.pending = null; // where to start once the length is known
      this.held = null; // the press that began on the waveform
      this.drawOverlay();
      this.describeSlider();
      this.showControls(find("title"), find("time"));
      this.listen();
      this.show(0);
    }

    drawOverlay() {
      this.played = this.wave.querySelector("svg").cloneNode(true);
      this.played.classList.add("waveform-played");
      this.head = document.createElement("span");
      this.head.className = "player-head";
      this.wave.append(this.played, this.head);
    }

    describeSlider() {
      const values = { role: "slider", tabindex: "0", "aria-label": `Position in ${this.title}`, "aria-valuemin": "0" };
      for (const [name, value] of Object.entries(values)) this.wave.setAttribute(name, value);
      this.wave.setAttribute("aria-valuemax", String(Math.round(this.seconds)));
    }

    showControls(title, time) {
      this.audio.controls = false;
      this.audio.hidden = true;
      for (const part of [this.toggle, title, time]) part.hidden = false;
      this.root.classList.add("is-ready");
    }

    listen() {
      this.toggle.addEventListener("click", () => (this.audio.paused ? this.play() : this.audio.pause()));
      this.wave.addEventListener("keydown", (event) => this.onKey(event));
      this.wave.addEventListener("pointerdown", (event) => this.onPress(event));
      this.wave.addEventListener("pointermove", (event) => this.onMove(event));
      this.wave.addEventListener("pointerup", (event) => this.onRelease(event));
      this.wave.addEventListener("pointercancel", () => (this.held = null));
      this.audio.addEventListener("loadedmetadata", () => this.onLength());
      this.audio.addEventListener("playing", () => this.setState("playing"));
      this.audio.addEventListener("waiting", () => this.setState("loading"));
      this.audio.addEventListener("pause", () => this.setState("paused"));
      this.audio.addEventListener("ended", () => this.seek(0));
      this.audio.addEventListener("timeupdate", () => this.show(this.audio.currentTime));
      this.audio.addEventListener("error", () => this.fail());
    }

    play() {
      if (current && current !== this) current.audio.pause();
      current = this;
      this.message.textContent = "";
      if (this.audio.error) this.audio.load();
      this.setState("loading");
      // A pause before the first sound rejects the promise; only a real failure is worth a sentence.
      this.audio.play().catch((error) => error.name !== "AbortError" && this.fail());
    }

    fail() {
      this.setState("paused");
      this.message.textContent = "The preview could not be played. Nothing is lost: check the connection and press play again.";
    }

    setState(state) {
      this.root.dataset.state = state;
      this.toggle.setAttribute("aria-label", `${state === "paused" ? "Play" : "Pause"} ${this.title}`);
      document.documentElement.toggleAttribute("data-playing", !!current && !current.audio.paused);
      if (state === "playing" && !calm.matches) this.follow();
    }

    follow() {
      if (this.audio.paused) return;
      this.show(this.audio.currentTime);
      requestAnimationFrame(() => this.follow());
    }

    seek(seconds) {
      const target = Math.min(Math.max(seconds, 0), this.seconds);
      if (this.audio.readyState > 0) this.audio.currentTime = target;
      else this.pending = target;
      this.show(target);
    }

    onLength() {
      if (Number.isFinite(this.audio.duration)) this.seconds = this.audio.duration;
      if (this.pending !== null) this.audio.currentTime = this.pending;
      this.pending = null;
    }

    // A finger's press may begin a scroll, which ends in pointercancel, and gives no leave to make sound: lifting it does.
    onPress(event) {
      if (event.button || !event.isPrimary) return;
      this.held = event;
      this.wave.setPointerCapture(event.pointerId);
      if (event.pointerType === "mouse") this.playFrom(event);
    }

    onMove(event) {
      if (event.pointerId !== this.held?.pointerId) return;
      const [across, down] = [event.clientX - this.held.clientX, event.clientY - this.held.clientY].map(Math.abs);
      if (event.pointerType === "mouse" || across > down) this.seekTo(event); // a finger that moves down scrolls
    }

    onRelease(event) {
      if (event.pointerId !== this.held?.pointerId) return;
      this.held = null;
      if (event.pointerType !== "mouse") this.playFrom(event);
    }

    playFrom(event) {
      this.seekTo(event);
      if (this.audio.paused) this.play();
    }

    seekTo(event) {
      const box = this.wave.getBoundingClientRect();
      this.seek(((event.clientX - box.left) / box.width) * this.seconds);
    }

    onKey(event) {
      const at = this.pending ?? this.audio.currentTime;
      if (event.key in STEPS) this.seek(at + STEPS[event.key]);
      else if (event.key === "Home") this.seek(0);
      else if (event.key === "End") this.seek(this.seconds);
      else if (event.key === " " || event.key === "Enter") this.toggle.click();
      else return;
      event.preventDefault();
    }

    show(seconds) {
      const share = Math.min(seconds / this.seconds, 1) * 100;
      this.played.style.clipPath = `inset(0 ${100 - share}% 0 0)`;
      this.head.style.left = `${share}%`;
      this.head.hidden = share === 0;
      const text = formatClock(seconds);
      if (this.now.textContent === text && this.wave.hasAttribute("aria-valuenow")) return;
      this.now.textContent = text;
      this.wave.setAttribute("aria-valuenow", String(Math.round(seconds)));
      this.wave.setAttribute("aria-valuetext", `${text} of ${formatClock(this.seconds)}`);
    }
  }

  const upgradePlayers = (scope) => {
    for (const root of scope.querySelectorAll("[data-player]:not(.is-ready)")) new Player(root);
  };
  upgradePlayers(document);
  document.addEventListener("htmx:load", (event) => upgradePlayers(event.target));
})();
