// The front end of a Demo. It needs a model with get, set, save_changes, send and on: an ipywidgets model in
// JupyterLab and Voilà, a small stand-in that looks frames up on a static page.

const KEPT = 400; // frames kept in the browser
const AHEAD = 3; // positions drawn in advance while the kernel is idle
const PAINTED = 40; // ms in which a new picture is decoded and painted, undisturbed by the next one's drawing
const PATIENCE = 2000; // ms without an answer after which the reader is told
const SETTLED = 300; // ms after which a focus is not the beginning of a click or of a key press
const RESTED = 350; // ms without a move after which a picture is drawn as sharp as the screen shows it, and described
const PALE = 500; // ms after which a picture that is not of the newest position grows pale
const SAVED = 200; // ms between two reports of a moving control to the kernel, which has pictures to draw
const SLACK = 1.1; // a picture may be enlarged so much before it is drawn again

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name in node && typeof value !== "string") node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

function say(value) {
  if (typeof value !== "number") return String(value);
  const text = Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
  return text.replace("-", "−");
}

/* Changes a property only if its value is another one: the browser does its layout again after every change. */
function put(object, name, value) {
  if (object[name] !== value) object[name] = value;
}

/* A live demo sends bytes, a page has files. */
function urlOf(bytes) {
  if (typeof bytes === "string") return bytes;
  return URL.createObjectURL(new Blob([bytes], { type: "image/png" }));
}

/* The smallest of `scales` that gives a picture `shown` screen pixels; its figure has `width` of its own. */
function scaleFor(shown, width, scales) {
  return scales.find((scale) => shown <= SLACK * scale * width) ?? scales.at(-1);
}

/* Frames seen so far, and questions to whoever can draw the others: one at a time, or, while the reader drags, a
   second one that arrives when the first is drawn. `asked` holds what is on its way. */
class Frames {
  constructor(model, spec) {
    Object.assign(this, { model, spec, seen: new Map(), asked: [], wanted: [], scale: 1, silence: null });
    Object.assign(this, { took: null, trip: 0, begun: 0, following: null }); // ms: to draw, to send, and two times
    this.interrupted = null; // a question that the reader stopped, and the position at that time
    model.on("msg:custom", (message, buffers) => this.answered(message, buffers));
  }

  key(setting) {
    return JSON.stringify(this.spec.controls.map((c) => setting[c.name]));
  }

  get(setting) {
    const key = this.key(setting);
    this.forgetInterrupted(key);
    const frame = this.seen.get(key);
    if (frame) {
      this.seen.delete(key); // to the young end
      this.seen.set(key, frame);
    }
    return frame;
  }

  put(frame) {
    const before = this.seen.get(frame.key)?.url;
    if (before) URL.revokeObjectURL(before);
    this.seen.set(frame.key, frame);
    if (this.seen.size > KEPT) {
      const [oldest, { url }] = this.seen.entries().next().value;
      if (url) URL.revokeObjectURL(url);
      this.seen.delete(oldest);
    }
  }

  /* The first setting is on screen now; the others may come next. */
  want(settings) {
    this.wanted = settings;
    this.forgetInterrupted(this.key(settings[0]));
    this.next();
  }

  /* When the reader has moved on, what was interrupted may be asked again. */
  forgetInterrupted(key) {
    if (!this.interrupted || this.interrupted.at === key) return;
    if (this.seen.get(this.interrupted.key)?.error) this.seen.delete(this.interrupted.key);
    this.interrupted = null;
  }

  /* Ask for what should be on screen at once, for what may come next when the screen has had its time. */
  next() {
    const setting = this.wanted.find((s) => !this.seen.has(this.key(s)));
    const isUrgent = Boolean(setting) && setting === this.wanted[0];
    if (isUrgent) this.silence ??= setTimeout(() => this.onsilence?.(true), PATIENCE);
    if (this.asked.length) {
      if (isUrgent) this.follow();
      return;
    }
    clearTimeout(this.timer);
    if (isUrgent) this.ask(setting);
    else if (setting) this.timer = setTimeout(() => this.ask(setting), PAINTED);
    else if (this.isCoarse(this.wanted[0])) this.timer = setTimeout(() => this.ask(this.wanted[0], this.scale), RESTED);
  }

  /* The next question leaves so that it arrives when the kernel has drawn what it draws now: no earlier, because
     the reader moves on, and no later, because the kernel would wait while the picture travels to the screen. */
  follow() {
    if (this.took === null || this.following !== null || this.asked.length > 1) return;
    const due = this.begun + this.took - Date.now();
    this.following = setTimeout(() => {
      this.following = null;
      const key = this.key(this.wanted[0]);
      if (this.asked.length === 1 && this.asked[0].key !== key && !this.seen.has(key)) this.ask(this.wanted[0]);
    }, Math.max(0, due));
  }

  isCoarse(setting) {
    const frame = setting && this.seen.get(this.key(setting));
    return Boolean(frame?.url) && (frame.scale ?? 1) < this.scale;
  }

  /* The screen shows a picture with `scale` of its pixels per pixel of the figure. */
  show(scale) {
    if (scale === this.scale) return;
    this.scale = scale;
    this.next();
  }

  ask(setting, scale = 1) {
    const key = this.key(setting);
    const isAlone = this.asked.length === 0;
    if (isAlone) this.begun = Date.now();
    this.asked.push({ key, isAlone, isForScreen: key === this.key(this.wanted[0]) });
    try {
      this.model.send({ ask: key, setting, scale });
    } catch {
      this.asked = []; // the kernel is gone: the next move tries again
    }
  }

  /* Which question an answer belongs to; and, for the next one, how long the kernel and the way there took. The kernel
     answers in order, so a question before it that has no answer was lost. */
  settle(key, took) {
    const at = this.asked.findIndex((question) => question.key === key);
    if (at < 0) return null;
    const question = this.asked.splice(0, at + 1).at(-1);
    clearTimeout(this.following); // it was for the end of this drawing
    this.following = null;
    const now = Date.now();
    if (took !== undefined) {
      if (question.isAlone) this.trip = Math.max(0, now - this.begun - took);
      this.took = took;
    }
    this.begun = now - this.trip; // of the question that is still on its way: the kernel went on with it
    return question;
  }

  /* Nobody looks any longer. */
  close() {
    for (const timer of [this.timer, this.following, this.silence]) clearTimeout(timer);
  }

  answered(message, buffers) {
    const key = message.frame ?? message.error;
    if (key === undefined) return;
    const { error, text, interrupted, alt, reached, handles, url, took, scale = 1 } = message;
    const known = this.seen.get(key);
    if (error !== undefined && known?.url) known.scale = Infinity; // the picture is there: no sharper one can be had
    else if (error !== undefined) this.put({ key, error: text });
    else if (!known || (known.scale ?? 1) < scale) this.put({ key, scale, alt, reached, handles, url: url ?? urlOf(buffers[0]) });
    if (interrupted && !known?.url) this.interrupted = { key, at: this.key(this.wanted[0]) };
    const question = this.settle(key, took);
    clearTimeout(this.silence);
    this.silence = null;
    this.onsilence?.(false);
    this.onframe?.(question?.isForScreen ? this.seen.get(key) : null);
    this.next();
  }
}

/* What the reader has set and the kernel does not know yet. It learns at once of a single move, and of a drag a few
   times a second: each report costs it time. Until then the values are held, because the kernel's echo of the report
   before moves a control back. */
class Reports {
  constructor(model) {
    Object.assign(this, { model, held: {}, timer: null, last: -Infinity });
  }

  set(changes) {
    if (!this.model.settle) Object.assign(this.held, changes); // a page has no kernel that echoes
    for (const [name, value] of Object.entries(changes)) this.model.set(name, value);
  }

  /* The model was changed from elsewhere. */
  keep() {
    for (const [name, value] of Object.entries(this.held)) {
      if (this.model.get(name) !== value) this.model.set(name, value);
    }
  }

  soon() {
    if (this.timer !== null) return;
    const wait = Math.min(SAVED, this.last + SAVED - Date.now()); // the computer's clock may be set back
    if (wait > 0) this.timer = setTimeout(() => this.send(), wait);
    else this.send();
  }

  send() {
    clearTimeout(this.timer);
    Object.assign(this, { held: {}, timer: null, last: Date.now() });
    this.model.save_changes();
  }

  /* The page or the cell's output goes away. */
  close() {
    if (this.timer !== null) this.send();
  }
}

function controlRow(control, onchange) {
  const id = `lsml-${control.name}-${Math.random().toString(36).slice(2)}`;
  const label = element("label", { for: id }, control.label);
  if (control.kind === "choice") {
    const select = element("select", { id });
    control.values.forEach((v, i) => select.append(element("option", { value: String(i) }, say(v))));
    select.addEventListener("change", () => onchange(control.values[select.selectedIndex]));
    return { nodes: [label, select], update: (v) => (select.value = control.values.indexOf(v)) };
  }
  const last = control.values.length - 1;
  const range = element("input", { id, type: "range", min: "0", max: String(last), step: "1" });
  const output = element("output", { for: id });
  range.addEventListener("input", () => onchange(control.values[range.valueAsNumber]));
  const update = (v) => {
    range.value = control.values.indexOf(v);
    put(output, "textContent", say(v));
    range.setAttribute("aria-valuetext", say(v));
  };
  return { nodes: [label, range, output], update };
}

/* The part of its box that a picture fills: `object-fit: contain` leaves bars on two sides. */
function filled(image) {
  const box = image.getBoundingClientRect();
  const ratio = image.naturalWidth / image.naturalHeight || box.width / box.height;
  const width = Math.min(box.width, box.height * ratio);
  const height = width / ratio;
  return { left: (box.width - width) / 2, top: (box.height - height) / 2, width, height, box };
}

function nearest(places, place) {
  let best = 0;
  places.forEach((p, i) => {
    if (Math.abs(p - place) < Math.abs(places[best] - place)) best = i;
  });
  return best;
}

/* Buttons over the picture that are dragged, or moved by arrow keys; each stands for one control or two. */
function handleLayer(picture, image, controls, onmove, onrest) {
  const byName = new Map(controls.map((control) => [control.name, control]));
  const nodes = [];
  const dragged = new Set(); // pointers that hold a handle
  let shown = [];

  function move(node, handle) {
    const { left, top, width, height } = filled(image);
    put(node.style, "left", `${left + handle.place[0] * width}px`);
    put(node.style, "top", `${top + handle.place[1] * height}px`);
  }

  function changesTo(handle, place) {
    const changes = {};
    if (handle.x) changes[handle.x] = byName.get(handle.x).values[nearest(handle.xs, place[0])];
    if (handle.y) changes[handle.y] = byName.get(handle.y).values[nearest(handle.ys, place[1])];
    return changes;
  }

  function make(i) {
    const node = element("button", { type: "button", class: "lsml-handle" });
    node.addEventListener("pointerdown", (event) => {
      node.setPointerCapture(event.pointerId);
      dragged.add(event.pointerId);
      event.preventDefault();
      node.focus();
    });
    node.addEventListener("pointermove", (event) => {
      if (!node.hasPointerCapture(event.pointerId)) return;
      const { left, top, width, height, box } = filled(image);
      const place = [(event.clientX - box.left - left) / width, (event.clientY - box.top - top) / height];
      const changes = changesTo(shown[i], place);
      if (Object.entries(changes).some(([name, value]) => now[name] !== value)) onmove(changes);
    });
    node.addEventListener("lostpointercapture", (event) => {
      dragged.delete(event.pointerId);
      onrest();
    });
    node.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: ["x", -1], ArrowRight: ["x", 1], ArrowUp: ["y", 1], ArrowDown: ["y", -1] }[event.key];
      const name = step && (shown[i][step[0]] || shown[i].x || shown[i].y);
      if (!name) return;
      event.preventDefault();
      const values = byName.get(name).values;
      const at = values.indexOf(now[name]) + step[1];
      if (at >= 0 && at < values.length) onmove({ [name]: values[at] });
    });
    picture.append(node);
    return node;
  }

  let now = {};
  function show(handles, setting) {
    shown = handles;
    now = setting;
    handles.forEach((handle, i) => {
      nodes[i] ??= make(i);
      const names = [handle.x, handle.y].filter(Boolean);
      const values = names.map((name) => `${byName.get(name).label} ${say(setting[name])}`).join(", ");
      nodes[i].setAttribute("aria-label", `Drag: ${handle.label}. ${values}`);
      nodes[i].title = `Drag: ${handle.label}`;
      move(nodes[i], handle);
    });
    nodes.forEach((node, i) => (node.hidden = i >= handles.length));
  }

  const again = () => shown.forEach((handle, i) => move(nodes[i], handle));
  image.addEventListener("load", again);
  new ResizeObserver(again).observe(image);
  return { show, isDragged: () => dragged.size > 0 };
}

function render({ model, el }) {
  const spec = model.get("spec");
  const frames = new Frames(model, spec);
  const names = spec.controls.map((c) => c.name);
  const setting = () => Object.fromEntries(names.map((n) => [n, model.get(n)]));
  let moved = null; // the control moved last, and the direction it went
  let applying = false;
  let speaking = 0;
  let fading = null;
  const reports = new Reports(model);

  const image = element("img", { class: "lsml-frame", draggable: false });
  const picture = element("div", { class: "lsml-picture" }, image);
  if (spec.background) picture.prepend(element("img", { class: "lsml-background", src: spec.background, alt: "" }));
  const error = element("div", { class: "lsml-error", role: "alert", hidden: true });
  const silence = element("div", { class: "lsml-silence", role: "status", hidden: true });
  silence.textContent = "No answer from the kernel yet. It is busy, or it was restarted: then run this cell again.";
  const reached = element("p", { class: "lsml-reached", role: "status" });
  const spoken = element("p", { class: "lsml-spoken", role: "status" });
  const grid = element("div", { class: "lsml-controls" });
  const buttons = element("div", { class: "lsml-presets" });
  const stage = element("div", { class: "lsml-demo" });

  const onmove = (changes) => {
    moved = null;
    apply(changes);
  };
  const handles = handleLayer(picture, image, spec.controls, onmove, refresh);

  const rows = spec.controls.map((control) => {
    const row = controlRow(control, (value) => {
      const from = control.values.indexOf(model.get(control.name));
      moved = { control, step: Math.sign(control.values.indexOf(value) - from) || 1 };
      apply({ [control.name]: value });
    });
    // Between the focus and the first key there is time to draw what the key will ask for.
    row.nodes[1].addEventListener("focus", () => {
      moved = null;
      setTimeout(() => {
        if (moved || document.activeElement !== row.nodes[1]) return;
        moved = { control, step: 1 };
        refresh();
      }, SETTLED);
    });
    if (control.live !== false) grid.append(...row.nodes);
    return row;
  });

  function apply(changes) {
    applying = true; // a preset moves several controls: between two of them nothing is asked for
    reports.set(changes);
    applying = false;
    model.settle?.(changes); // a page has not every combination
    refresh();
    reports.soon(); // after the question, which the kernel then answers first
  }

  function changed() {
    if (applying) return;
    applying = true;
    reports.keep();
    applying = false;
    refresh();
  }

  function neighbours(now) {
    if (!moved) return [];
    const { control, step } = moved;
    const at = control.values.indexOf(now[control.name]);
    if (control.live === false) return [];
    const places = [...Array(AHEAD).keys()].map((i) => at + step * (i + 1)).concat(at - step);
    return places.filter((i) => i in control.values).map((i) => ({ ...now, [control.name]: control.values[i] }));
  }

  /* How many pixels the screen has for the picture: a window, a zoom or the full screen changes it. */
  function measure() {
    if (!spec.scales || !image.naturalWidth) return;
    const width = image.naturalWidth / (Number(image.dataset.scale) || 1);
    frames.show(scaleFor(filled(image).width * devicePixelRatio, width, spec.scales));
  }

  /* An old picture grows pale when the new one takes longer than a moment. A timer waits for that: while a style's
     transition waits, the browser paints the picture anew at every move. */
  function setStale(isStale) {
    image.classList.toggle("lsml-stale", isStale);
    if (isStale) fading ??= setTimeout(() => image.classList.add("lsml-pale"), PALE);
    else {
      clearTimeout(fading);
      fading = null;
      image.classList.remove("lsml-pale");
    }
  }

  /* What a screen reader says once the slider rests: nobody hears that an image's alt text has changed. */
  function speak(alt) {
    clearTimeout(speaking);
    speaking = setTimeout(() => (spoken.textContent = alt), RESTED);
  }

  /* `passed` was on its way when the slider moved on: shown until the newest position has its own frame. While a
     handle is dragged, the sliders move together with the picture: moving them at every event costs its painting. */
  function refresh(passed = null) {
    const now = setting();
    const frame = frames.get(now) ?? (passed?.url ? passed : null);
    if (frame || !handles.isDragged()) rows.forEach((row, i) => row.update(now[names[i]]));
    if (frame?.url) {
      put(reached, "textContent", frame.reached ? "✓ Goal reached" : "");
      image.src = frame.url;
      if (image.alt && image.alt !== frame.alt) speak(frame.alt);
      image.alt = frame.alt;
      image.dataset.key = frame.key;
      image.dataset.scale = frame.scale ?? 1;
      handles.show(frame.handles ?? [], now);
    }
    put(error, "hidden", !frame?.error);
    put(error, "textContent", frame?.error ?? "");
    if (frame?.error) error.scrollTop = error.scrollHeight; // the message is the last line
    setStale(!frame?.url);
    frames.want([now, ...neighbours(now)]);
  }

  for (const [name, preset] of [["Reset", null], ...Object.entries(spec.presets)]) {
    const button = element("button", { type: "button" }, name);
    const start = Object.fromEntries(spec.controls.map((c) => [c.name, c.start]));
    button.addEventListener("click", () => {
      apply(preset ?? start);
      reports.send(); // a single move, even if another one was reported a moment ago
    });
    buttons.append(button);
  }
  const full = element("button", { type: "button", class: "lsml-full" }, "Full screen");
  const isFull = () => document.fullscreenElement === stage;
  full.addEventListener("click", () => (isFull() ? document.exitFullscreen() : stage.requestFullscreen()));
  stage.addEventListener("fullscreenchange", () => {
    full.textContent = isFull() ? "Leave full screen" : "Full screen";
  });
  buttons.append(full);

  stage.append(element("h3", {}, spec.title));
  if (spec.goal) stage.append(element("p", { class: "lsml-goal" }, element("b", {}, "Goal: "), spec.goal));
  if (spec.unreachable) stage.append(element("p", { class: "lsml-unreachable" }, spec.unreachable));
  else if (spec.goal) stage.append(reached);
  const notice = element("details", { class: "lsml-notice" }, element("summary", {}, "What to notice"), spec.notice);
  stage.append(picture, spoken, error, silence, grid, buttons, notice);
  // Lab would take keys for its own shortcuts: arrows select cells, letters edit the notebook. Notebook 7 does so
  // before the event arrives here, unless what has the focus has this attribute. Commands, such as Ctrl+S, reach both.
  const leaveKeys = (event) => {
    const isCommand = event.ctrlKey || event.metaKey;
    event.target.toggleAttribute("data-lm-suppress-shortcuts", !isCommand);
    if (!isCommand) event.stopPropagation();
  };
  stage.addEventListener("focusin", (event) => event.target.toggleAttribute("data-lm-suppress-shortcuts", true));
  stage.addEventListener("keydown", leaveKeys);
  stage.addEventListener("keyup", leaveKeys);
  el.append(stage);
  image.addEventListener("load", measure);
  new ResizeObserver(measure).observe(image);

  const start = Object.fromEntries(spec.controls.map((c) => [c.name, c.start]));
  frames.put({ key: frames.key(start), url: urlOf(model.get("first")), alt: spec.alt, reached: spec.reached, handles: spec.handles });
  frames.onsilence = (silent) => put(silence, "hidden", !silent);
  frames.onframe = refresh;
  for (const name of names) model.on(`change:${name}`, changed);
  refresh();

  const leave = () => reports.close();
  window.addEventListener("pagehide", leave);
  return () => {
    window.removeEventListener("pagehide", leave);
    reports.close();
    frames.close();
    clearTimeout(fading);
  };
}

export default { render };
