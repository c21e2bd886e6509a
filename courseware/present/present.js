// The line below a demo on the stage, the index of all demos, keys, and scenes. The address and the links are those
// of a deck: #/4/2/optimization.momentum.nesterov?step=7 is slide 4, step 2, and the demo that is shown there.

export function parse(text) {
  const [, slide = "1", , rest = ""] = text.replace(/^#/, "").split("/");
  const [demo, query = ""] = rest.split("?");
  const setting = {};
  for (const [name, value] of new URLSearchParams(query)) {
    try {
      setting[name] = JSON.parse(value);
    } catch {
      setting[name] = value; // the kernel says what is wrong with it
    }
  }
  return { slide: Number(slide) - 1 || 0, demo, setting };
}

export function format({ slide, step, demo }, setting) {
  const query = new URLSearchParams(Object.entries(setting).map(([name, value]) => [name, JSON.stringify(value)]));
  return `#/${slide + 1}/${step + 1}/${demo}?${query}`;
}

/* The place that a scene means: its demo, on its slide if several slides show it; without a demo the first one from
   its slide on. −1 if there is no such demo. */
export function indexOf(places, { slide, demo }) {
  if (demo) {
    const there = places.findIndex((place) => place.demo === demo && place.slide === slide);
    return there >= 0 ? there : places.findIndex((place) => place.demo === demo);
  }
  return Math.max(0, places.findIndex((place) => place.slide >= slide));
}

/* What stands behind an address: the kept scenes in its query, the present scene behind its #. */
export function parts(link) {
  const hash = link.includes("#") ? link.slice(link.indexOf("#")) : "";
  const query = link.slice(0, link.length - hash.length).split("?")[1] ?? "";
  let kept = null;
  try {
    kept = JSON.parse(new URLSearchParams(query).get("scenes"));
  } catch { /* a damaged link has no scenes */ }
  return { hash, kept: Array.isArray(kept) ? kept.map(String) : null };
}

export function linkTo(address, kept) {
  return `${address.split(/[?#]/)[0]}?scenes=${encodeURIComponent(JSON.stringify(kept))}${kept[0] ?? ""}`;
}

/* Whether the element that has the focus needs the key itself. A presenter's buttons, PageDown and PageUp, never are. */
export function isOwn(node, key) {
  if (["PageDown", "PageUp", "Escape"].includes(key)) return false;
  if (node.matches("select, textarea, input:not([type=range])")) return true;
  if (node.matches("input, .lsml-handle")) return /^(Arrow|Home|End)/.test(key) || key === " ";
  return key === " " && node.matches("button, summary, a");
}

const HELP = [
  ["→ Space PageDown", "next demo"], ["← PageUp", "previous demo"], ["Home, End", "first and last demo"],
  ["O", "all demos; a link of a scene can be opened there"], ["F", "full screen"],
  ["K", "keep this scene: this demo as it is set now"], ["N", "go to the next scene that was kept"],
  ["C", "copy a link that holds all kept scenes"], ["Esc", "from a slider back to these arrow keys"],
];

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function render({ model, el }) {
  const places = model.get("places");
  const KEPT = `lsml-scenes-${location.pathname}-${places[0]?.lecture}-${places.length}`;
  let asked = 0, kept = [], scene = -1;

  const where = element("output", { "aria-live": "polite", class: "lsml-where" });
  const line = element("div", { class: "lsml-bar" });
  const list = element("div", { class: "lsml-index" });
  const pasted = element("input", { type: "text", id: "lsml-link", autocomplete: "off", placeholder: "#/4/2/…" });
  const index = element("dialog", { "aria-label": "All demos" }, element("h2", {}, "All demos"), list);
  const help = element("dialog", { "aria-label": "Keys" }, element("h2", {}, "Keys"));
  const present = () => model.get("place");

  /* `setting` null: as the demo was left. */
  function show(i, setting = null) {
    asked = Math.max(0, Math.min(i, places.length - 1));
    index.close();
    model.send({ show: asked, setting });
  }

  function enter(text) {
    const target = parse(text);
    const i = indexOf(places, target);
    if (i < 0) return say(`No demo ${target.demo} is presented here.`);
    return show(i, target.setting);
  }

  function say(text) {
    where.textContent = text;
  }

  function refresh() {
    const { index: i, setting } = present();
    if (model.get("message")) return say(model.get("message"));
    if (i === undefined) return say("Starting …");
    say(`${i + 1} of ${places.length}`);
    document.title = places[i].title;
    history.replaceState(null, "", location.pathname + location.search + format(places[i], setting));
    list.querySelectorAll("button").forEach((button, j) => {
      if (j === i) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    });
    return null;
  }

  function open() {
    index.showModal();
    (list.querySelector("[aria-current]") ?? list.querySelector("button"))?.focus();
  }

  // --- scenes ---

  function remember() {
    try {
      localStorage.setItem(KEPT, JSON.stringify(kept));
    } catch { /* a browser may forbid it: then they last as long as the page */ }
  }

  function keep() {
    const { index: i, setting } = present();
    if (i === undefined) return;
    kept.push(format(places[i], setting));
    scene = kept.length - 1;
    remember();
    say(`Scene ${kept.length} kept.`);
  }

  function nextScene() {
    if (!kept.length) return say("No scene was kept yet: K keeps one.");
    scene = (scene + 1) % kept.length;
    return enter(kept[scene]);
  }

  function stored() {
    try {
      return JSON.parse(localStorage.getItem(KEPT)) ?? [];
    } catch {
      return [];
    }
  }

  function openLink(link) {
    const given = parts(link);
    if (given.kept) kept = given.kept;
    const first = given.hash || kept[0];
    if (first) enter(first);
    return Boolean(first);
  }

  // --- keys and buttons ---

  const next = () => show(asked + 1);
  const previous = () => show(asked - 1);
  const copy = () => navigator.clipboard?.writeText(linkTo(location.href, kept)).then(() => say("Link copied."));
  const full = () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen());
  const keys = {
    ArrowRight: next, ArrowDown: next, " ": next, PageDown: next, ArrowLeft: previous, ArrowUp: previous, PageUp: previous,
    Home: () => show(0), End: () => show(places.length - 1), Escape: () => document.activeElement?.blur(),
    o: open, k: keep, n: nextScene, c: copy, f: full, "?": () => help.showModal(),
  };

  function key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const command = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!command || isOwn(event.target, event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    command();
  }

  function button(text, command) {
    const node = element("button", { type: "button" }, text);
    node.addEventListener("click", () => {
      node.blur(); // keys after a click are those of the stage
      command();
    });
    return node;
  }

  let lecture = null;
  places.forEach((place, i) => {
    if (place.lecture !== lecture) list.append(element("h3", {}, place.lecture.replaceAll("_", " ")));
    lecture = place.lecture;
    list.append(button(place.title, () => show(i)));
  });
  const form = element("form", {}, element("label", { for: "lsml-link" }, "Open the link of a scene"), pasted);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    index.close();
    if (!openLink(pasted.value.trim())) say("That is no link of a scene.");
  });
  index.append(form, button("Close", () => index.close()));
  help.append(element("dl", {}, ...HELP.flatMap(([name, what]) => [element("dt", {}, name), element("dd", {}, what)])));
  help.append(button("Close", () => help.close()));
  line.append(button("Back", previous), where, button("Next", next), button("All demos", open));
  line.append(button("Keep this scene", keep), button("Next scene", nextScene), button("Keys", keys["?"]));
  el.append(line, index, help);

  document.addEventListener("keydown", key, true);
  const hashchange = () => enter(location.hash);
  addEventListener("hashchange", hashchange);
  model.on("change:place", refresh);
  model.on("change:message", refresh);
  refresh();
  kept = stored();
  const given = parts(location.href);
  if (!openLink(given.hash || given.kept ? location.href : model.get("link"))) show(0);

  return () => {
    document.removeEventListener("keydown", key, true);
    removeEventListener("hashchange", hashchange);
  };
}

export default { render };
