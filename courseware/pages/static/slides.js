// A deck: one slide at a time, its steps one after the other, speaker notes, an overview, and scenes.
//
// A scene is a slide, a step, and the setting of a demo. The address holds the present one, so a link leads back
// to it: #/4/2/optimization.momentum.nesterov?step=7. Kept scenes stand behind "scenes=" in the address.

const deck = (() => {
  const KEPT = `lsml-scenes-${location.pathname}`;
  const READABLE = 0.76; // of the usual font size: a slide that needs smaller letters is shown in parts
  const SMALLEST = 0.62; // as far as letters can be read from the last row
  const SCROLLED = 0.86; // where even that does not fit, so that the slide is scrolled anyway
  const PICTURE = [0.45, 0.7]; // of the screen's height: least and most for the picture of a demo
  let slides, at = { slide: 0, step: 0 }, settings = {}, models = {}, kept = [], scene = -1, speaker = null, began = 0;

  const steps = (slide) => [...slide.querySelectorAll(":scope > .content > .step")];
  const clamp = (i, n) => Math.max(0, Math.min(i, n - 1));

  function parse(hash) {
    const [, slide = "1", step = "1", rest = ""] = hash.replace(/^#/, "").split("/");
    const [demo, query = ""] = rest.split("?");
    const setting = {};
    for (const [name, text] of new URLSearchParams(query)) setting[name] = JSON.parse(text);
    return { slide: Number(slide) - 1 || 0, step: Number(step) - 1 || 0, demo, setting };
  }

  function format({ slide, step, demo, setting }) {
    const query = new URLSearchParams(Object.entries(setting ?? {}).map(([name, value]) => [name, JSON.stringify(value)]));
    return `#/${slide + 1}/${step + 1}${demo ? `/${demo}?${query}` : ""}`;
  }

  function shownDemo() {
    return slides[at.slide].querySelector("[data-demo]")?.dataset.demo ?? "";
  }

  function present() {
    const demo = shownDemo();
    return { ...at, demo: settings[demo] ? demo : "", setting: settings[demo] };
  }

  /* Where the parts of a slide begin: as few as `room` allows for steps of these `heights`, and about equally high. */
  function parts(heights, room) {
    const within = (most) => {
      const starts = [0];
      let sum = 0;
      heights.forEach((height, i) => {
        if (sum && sum + height > most) {
          starts.push(i);
          sum = 0;
        }
        sum += height;
      });
      return starts;
    };
    let most = room;
    while (most > 1 && within(0.95 * most).length === within(room).length) most *= 0.95;
    return within(most);
  }

  const tooHigh = (slide) => slide.scrollHeight - slide.clientHeight - 1;

  /* Whether all fits when letters have this size. Pictures of demos give way first, letters only then. */
  function fits(slide, size) {
    const [least, most] = PICTURE;
    put(slide, size, most);
    const shown = Math.max(0, ...[...slide.querySelectorAll(".lsml-frame")].map((frame) => frame.offsetHeight));
    if (tooHigh(slide) > 0 && shown) put(slide, size, Math.max(least, (shown - tooHigh(slide) - 1) / innerHeight));
    return tooHigh(slide) <= 0;
  }

  function put(slide, size, picture) {
    slide.style.setProperty("--fit", size.toFixed(2));
    slide.style.setProperty("--picture", `${Math.floor(picture * innerHeight)}px`);
  }

  /* All steps of a slide, or else those around the present one that fit together at a readable size. */
  function fit(slide) {
    const all = steps(slide);
    const show = (first, end) => all.forEach((step, i) => step.classList.toggle("apart", i < first || i >= end));
    show(0, all.length);
    slide.classList.remove("continued");
    narrow(slide);
    for (let size = 1; size >= READABLE; size -= 0.06) if (fits(slide, size)) return narrow(slide);
    put(slide, SCROLLED, PICTURE[0]);
    const starts = parts(all.map((step) => step.offsetHeight), slide.clientHeight * 0.9);
    const first = starts.findLast((start) => start <= at.step);
    show(first, starts.find((start) => start > at.step) ?? all.length);
    slide.classList.toggle("continued", first > 0);
    slide.querySelector(".content").dataset.title = title(slide);
    for (let size = 1; size >= SMALLEST; size -= 0.06) if (fits(slide, size)) return narrow(slide);
    fits(slide, SCROLLED);
    return narrow(slide);
  }

  /* Smaller letters for a formula or a table of numbers that is wider than the slide. */
  function narrow(slide) {
    slide.querySelectorAll(".formula, .output pre, .output table").forEach((node) => {
      node.style.removeProperty("font-size");
      const share = node.clientWidth / node.scrollWidth;
      if (share < 1) node.style.fontSize = `${Math.max(SMALLEST, 0.98 * share) * parseFloat(getComputedStyle(node).fontSize)}px`;
    });
  }

  function show() {
    at.slide = clamp(at.slide, slides.length);
    const now = slides[at.slide];
    at.step = clamp(at.step, steps(now).length || 1);
    slides.forEach((slide, i) => {
      slide.hidden = i !== at.slide;
      slide.classList.toggle("now", i === at.slide);
    });
    steps(now).forEach((step, i) => step.classList.toggle("later", i > at.step));
    fit(now);
    steps(now)[at.step]?.scrollIntoView({ block: "start" });
    document.querySelector("#where").textContent = `${at.slide + 1} of ${slides.length}`;
    history.replaceState(null, "", format(present()));
    notes();
  }

  function go(slide, step) {
    at = { slide, step };
    show();
  }

  /* A step that is higher than the screen is read to its end before the next one comes. */
  function scrolled(direction) {
    const slide = slides[at.slide];
    const left = direction > 0 ? tooHigh(slide) - slide.scrollTop : slide.scrollTop;
    if (left <= 1) return false;
    slide.scrollBy({ top: 0.8 * direction * slide.clientHeight, behavior: "instant" });
    return true;
  }

  function next() {
    if (scrolled(1)) return;
    if (at.step + 1 < steps(slides[at.slide]).length) go(at.slide, at.step + 1);
    else if (at.slide + 1 < slides.length) go(at.slide + 1, 0);
  }

  function previous() {
    if (scrolled(-1)) return;
    if (at.step > 0) go(at.slide, at.step - 1);
    else if (at.slide > 0) go(at.slide - 1, Infinity);
  }

  function overview(on = !document.body.classList.contains("overview")) {
    document.body.classList.toggle("overview", on);
    show();
    if (on) slides[at.slide].scrollIntoView({ block: "center" });
  }

  // --- scenes ---

  function enter(target) {
    if (target.demo) {
      settings[target.demo] = target.setting;
      models[target.demo]?.put(target.setting);
    }
    go(target.slide, target.step);
  }

  function remember() {
    try {
      localStorage.setItem(KEPT, JSON.stringify(kept));
    } catch { /* a browser may forbid it: then they last as long as the page */ }
  }

  function keep() {
    kept.push(format(present()));
    scene = kept.length - 1;
    remember();
    say(`Scene ${kept.length} kept.`);
  }

  function nextScene() {
    if (!kept.length) return say("No scene was kept yet: K keeps one.");
    scene = (scene + 1) % kept.length;
    enter(parse(kept[scene]));
    return say(`Scene ${scene + 1} of ${kept.length}`);
  }

  function link() {
    return `${location.href.split(/[?#]/)[0]}?scenes=${encodeURIComponent(JSON.stringify(kept))}${kept[0] ?? ""}`;
  }

  function say(text) {
    document.querySelector("#where").textContent = text;
  }

  function stored() {
    try {
      const given = new URLSearchParams(location.search).get("scenes");
      return JSON.parse(given ?? localStorage.getItem(KEPT) ?? "[]");
    } catch {
      return [];
    }
  }

  // --- the speaker's window ---

  function openSpeaker() {
    speaker = window.open("", "lsml-speaker", "width=900,height=600");
    if (!speaker) return say("The browser did not open a second window.");
    began = began || Date.now();
    speaker.document.title = "Speaker notes";
    speaker.document.body.innerHTML =
      '<p style="font:2rem system-ui"><span id="clock"></span> <span id="elapsed"></span></p>' +
      '<h2 id="now" style="font:600 1.3rem system-ui"></h2><div id="text" style="font:1.3rem/1.5 system-ui"></div>' +
      '<p id="next" style="font:1rem system-ui;color:#555"></p>';
    speaker.document.addEventListener("keydown", key);
    setInterval(tick, 500);
    tick();
    return notes();
  }

  function tick() {
    if (!speaker || speaker.closed) return;
    const minutes = (ms) => `${Math.floor(ms / 60000)}:${String(Math.floor(ms / 1000) % 60).padStart(2, "0")}`;
    speaker.document.querySelector("#clock").textContent = new Date().toLocaleTimeString();
    speaker.document.querySelector("#elapsed").textContent = `since the start ${minutes(Date.now() - began)}`;
  }

  const title = (slide) => slide?.querySelector("h1, h2, h3, strong")?.textContent ?? "";

  /* The notes of the slide, then what its folds hide from the audience: answers and derivations. */
  function notes() {
    if (!speaker || speaker.closed) return;
    const now = slides[at.slide];
    const put = (id, text) => (speaker.document.querySelector(id).textContent = text);
    put("#now", `${at.slide + 1} of ${slides.length}: ${title(now)}`);
    const text = speaker.document.querySelector("#text");
    const told = [...now.querySelectorAll(".notes"), ...now.querySelectorAll(".content :is(.text, .output) details")];
    text.innerHTML = told.map((node) => node.innerHTML).join("<hr>") || "No notes for this slide.";
    put("#next", `Next: ${title(slides[at.slide + 1]) || "the end"}`);
  }

  // --- keys and buttons ---

  const commands = {
    next, previous, keep, overview: () => overview(), speaker: openSpeaker, scene: nextScene,
    help: () => document.querySelector("#help").showModal(),
  };
  const keys = {
    ArrowRight: next, ArrowDown: next, " ": next, PageDown: next, ArrowLeft: previous, ArrowUp: previous, PageUp: previous,
    Home: () => go(0, 0), End: () => go(slides.length - 1, 0), o: commands.overview, s: openSpeaker, k: keep, n: nextScene,
    c: () => navigator.clipboard?.writeText(link()).then(() => say("Link copied.")),
    f: () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()),
    "?": commands.help,
  };

  function key(event) {
    const typing = event.target.closest?.("input, select, textarea, dialog, button, summary, a");
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (typing && !["PageDown", "PageUp"].includes(event.key)) return;
    const command = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!command) return;
    event.preventDefault();
    command();
  }

  /* A slide that holds nothing but a fold shows what is in it. */
  function openOnly(slide) {
    const folds = [...slide.querySelectorAll(".text details")];
    const all = slide.querySelector(".content").textContent.trim().length;
    const inside = folds.reduce((sum, fold) => sum + fold.textContent.trim().length, 0);
    if (folds.length && all - inside < 80 && !slide.querySelector(".code, [data-demo]")) folds.forEach((fold) => (fold.open = true));
  }

  function start() {
    slides = [...document.querySelectorAll(".slide")];
    slides.forEach(openOnly);
    kept = stored();
    lsml.scene = (demo) => settings[demo];
    document.addEventListener("lsml-setting", ({ detail }) => {
      settings[detail.demo] = { ...detail.setting };
      history.replaceState(null, "", format(present()));
    });
    document.addEventListener("lsml-placed", ({ detail }) => {
      models[detail.demo] = detail.model;
      fit(slides[at.slide]);
    });
    document.addEventListener("keydown", key);
    document.querySelector(".bar").addEventListener("click", (event) => commands[event.target.dataset?.do]?.());
    document.querySelector("#main").addEventListener("click", (event) => {
      if (!document.body.classList.contains("overview")) return;
      const chosen = slides.indexOf(event.target.closest(".slide"));
      if (chosen < 0) return;
      at = { slide: chosen, step: 0 };
      overview(false);
    });
    addEventListener("hashchange", () => enter(parse(location.hash)));
    addEventListener("resize", () => fit(slides[at.slide]));
    enter(parse(location.hash));
  }

  return { start, parse, format, parts };
})();

if (typeof module !== "undefined") module.exports = deck;
else document.addEventListener("DOMContentLoaded", deck.start);
