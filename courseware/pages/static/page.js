// What a page of the course does by itself: frozen demos, predictions, and the search. No server, no network.

const lsml = (() => {
  const SHOWN = 12; // results of a search
  const NEAR = "800px"; // how far below the screen a demo begins to load
  const waiting = new Map(); // name of a demo → places on the page that wait for its specification
  const known = new Map();

  function element(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  }

  /* The stand-in for a kernel: it looks frames up. `change` hears of every new setting. */
  class FrozenModel {
    constructor(spec, folder, setting = {}, change = () => {}) {
      this.folder = folder;
      this.change = change;
      this.start = Object.fromEntries(spec.controls.map((c) => [c.name, c.start]));
      this.names = spec.controls.map((c) => c.name);
      this.frames = new Map(spec.frames.map((frame) => [this.key(frame.setting), frame]));
      this.loaded = new Map();
      this.listeners = new Map();
      this.values = { ...this.start };
      this.spec = { ...spec, background: `${folder}/${spec.background}` };
      this.put(setting);
    }

    key(setting) {
      return JSON.stringify(this.names.map((name) => setting[name]));
    }

    get(name) {
      if (name === "spec") return this.spec;
      if (name === "first") return `${this.folder}/${this.spec.frames[0].file}`;
      return this.values[name];
    }

    set(name, value) {
      this.values[name] = value;
      this.listeners.get(`change:${name}`)?.forEach((listener) => listener());
    }

    /* Keep what was changed; the other controls go back to their start if there is no such frame. */
    settle(changes) {
      if (this.frames.has(this.key(this.values))) return;
      this.values = { ...this.start, ...changes };
      if (!this.frames.has(this.key(this.values))) this.values = { ...this.start };
    }

    /* A whole setting at once, as a scene has it. */
    put(setting) {
      this.values = { ...this.start, ...setting };
      this.settle(setting);
      this.listeners.get(`change:${this.names[0]}`)?.forEach((listener) => listener());
    }

    save_changes() {
      this.change(this.values);
    }

    on(event, listener) {
      this.listeners.set(event, [...(this.listeners.get(event) ?? []), listener]);
    }

    picture(file) {
      if (!this.loaded.has(file)) {
        const image = new Image();
        image.src = `${this.folder}/${file}`;
        this.loaded.set(file, image);
      }
      return this.loaded.get(file);
    }

    send({ ask, setting }) {
      const frame = this.frames.get(this.key(setting));
      const hear = (message) => this.listeners.get("msg:custom")?.forEach((listener) => listener(message, []));
      if (!frame) return hear({ error: ask, text: "This page has no picture of that setting." });
      const image = this.picture(frame.file);
      const answer = { frame: ask, alt: frame.alt, reached: frame.reached, handles: frame.handles, url: image.src };
      if (image.complete) return hear(answer);
      image.decode().catch(() => {}).then(() => hear(answer));
    }

    /* All pictures, while nothing else happens: then every move is answered at once. */
    loadAll() {
      const files = this.spec.frames.map((frame) => frame.file);
      const next = () => {
        const file = files.shift();
        if (!file) return;
        const image = this.picture(file);
        image.decode().catch(() => {}).then(() => setTimeout(next, 0));
      };
      next();
    }
  }

  function place(node, spec) {
    const model = new FrozenModel(spec, node.dataset.folder, lsml.scene?.(node.dataset.demo) ?? {}, (setting) =>
      document.dispatchEvent(new CustomEvent("lsml-setting", { detail: { demo: node.dataset.demo, setting, model } })),
    );
    node.replaceChildren();
    lsmlFront.render({ model, el: node });
    const still = spec.controls.filter((control) => !control.live).map((control) => control.label);
    if (still.length) {
      node.append(element("p", { class: "only-live" }, `In the notebook you can also change: ${still.join(", ")}.`));
    }
    model.loadAll();
    document.dispatchEvent(new CustomEvent("lsml-placed", { detail: { demo: node.dataset.demo, model } }));
  }

  /* Called by the file that holds a demo's specification. */
  function demo(name, spec) {
    known.set(name, spec);
    (waiting.get(name) ?? []).forEach((node) => place(node, spec));
    waiting.delete(name);
  }

  function load(node) {
    const { demo: name, folder } = node.dataset;
    if (known.has(name)) return place(node, known.get(name));
    if (waiting.has(name)) return waiting.get(name).push(node);
    waiting.set(name, [node]);
    document.head.append(element("script", { src: `${folder}/demo.js` }));
  }

  /* A prediction comes before its answer: the answer opens once something was written. */
  function predictions() {
    document.querySelectorAll("details > summary").forEach((summary, i) => {
      if (!/^Answers?$/.test(summary.textContent.trim())) return;
      const details = summary.parentElement;
      const id = `prediction-${i}`;
      const input = element("input", { id, type: "text", autocomplete: "off" });
      const button = element("button", { type: "submit" }, "Compare with the answer");
      const form = element("form", { class: "prediction" }, element("label", { for: id }, "Your prediction"), input, button);
      const ready = () => (button.disabled = !input.value.trim());
      input.addEventListener("input", ready);
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        details.hidden = false;
        details.open = true;
        button.hidden = true;
        summary.focus();
      });
      ready();
      details.hidden = true;
      details.before(form);
    });
  }

  const MATHEMATICAL = /[\p{L}\p{N}]+|(?![\0-\x7f−])\p{Sm}/gu; // words, and symbols such as ∇, but no + and −
  const words = (text) => text.toLowerCase().match(MATHEMATICAL) ?? [];
  const split = new WeakMap(); // entry of the index → its words: an entry is read once, not with every key

  function wordsOf(entry) {
    if (!split.has(entry)) split.set(entry, { title: words(entry.title), text: words(entry.text) });
    return split.get(entry);
  }

  /* How well a word of a text answers a word of the query: whole words count most, and of one or two letters
     only whole words count. */
  const match = (word, asked) => (word === asked ? 3 : asked.length > 2 && word.startsWith(asked) ? 1 : 0);

  /* Places that hold every word of the query; a hit in a title counts more; the code's own pages come last. */
  function found(query, index) {
    const asked = words(query);
    if (!asked.length) return [];
    const score = (entry) => {
      const { title, text } = wordsOf(entry);
      let sum = 0;
      for (const word of asked) {
        const hits = (all) => all.reduce((total, w) => total + match(w, word), 0);
        const points = 10 * hits(title) + hits(text);
        if (!points) return 0;
        sum += points;
      }
      return sum;
    };
    const scored = index.map((entry) => [score(entry), entry]).filter(([points]) => points);
    const sorted = scored.sort((a, b) => b[0] - a[0]).map(([, entry]) => entry);
    const code = sorted.filter((entry) => entry.url.startsWith("api/"));
    const texts = sorted.filter((entry) => !code.includes(entry)); // first, and at most four less than all
    return [...texts.slice(0, SHOWN - Math.min(4, code.length)), ...code].slice(0, SHOWN);
  }

  /* By how many letters two words differ: one more, one less, or another one. */
  function distance(a, b) {
    let row = Array.from({ length: b.length + 1 }, (_, j) => j);
    for (let i = 1; i <= a.length; i++) {
      const next = [i];
      for (let j = 1; j <= b.length; j++) {
        next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] !== b[j - 1])));
      }
      row = next;
    }
    return row[b.length];
  }

  /* The query with each word that the index lacks replaced by its nearest one: of words equally near, the most
     frequent. A word of fewer than four letters stays, and so does one that is near to none. */
  function corrected(query, index) {
    const times = new Map();
    for (const entry of index) {
      const { title, text } = wordsOf(entry);
      for (const word of [...title, ...text]) times.set(word, (times.get(word) ?? 0) + 1);
    }
    const vocabulary = [...times.keys()];
    const nearest = (asked) => {
      if (asked.length < 4 || vocabulary.some((word) => match(word, asked))) return asked;
      const most = asked.length < 8 ? 1 : 2;
      const near = vocabulary.filter((w) => Math.abs(w.length - asked.length) <= most && distance(w, asked) <= most);
      const order = (a, b) => distance(a, asked) - distance(b, asked) || times.get(b) - times.get(a);
      return near.sort(order)[0] ?? asked;
    };
    return words(query).map(nearest).join(" ");
  }

  function search() {
    const input = document.querySelector("#search");
    const list = document.querySelector("#found");
    if (!input) return;
    const { root } = document.querySelector("[data-root]").dataset;
    let index = null;
    const show = () => {
      let entries = index ? found(input.value, index) : [];
      const other = index && words(input.value).length && !entries.length ? corrected(input.value, index) : "";
      if (other) entries = found(other, index);
      const links = entries.map((entry) => {
        const link = element("a", { href: `${root}${entry.url}` }, element("strong", {}, entry.title), ` ${entry.page}`);
        return element("li", {}, link);
      });
      if (other && links.length) links.unshift(element("li", {}, `Nothing found for this; results for “${other}”:`));
      if (input.value.trim() && index && !links.length) links.push(element("li", {}, "Nothing found."));
      list.replaceChildren(...links);
    };
    lsml.index = (entries) => {
      index = entries;
      show();
    };
    input.addEventListener("focus", () => {
      if (!index) document.head.append(element("script", { src: `${root}static/search-index.js` }));
    }, { once: true });
    input.addEventListener("input", show);
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") list.querySelector("a")?.click();
      if (event.key !== "Escape") return;
      input.value = "";
      show();
    });
  }

  /* Nobody unfolds paper: a page prints what it folds, except hints that the reader did not open. A deck is
     printed as it is shown. */
  function printing() {
    let opened = [];
    addEventListener("beforeprint", () => {
      if (document.body.classList.contains("deck")) return;
      const closed = [...document.querySelectorAll("main :is(.text, .output) details:not([open])")];
      const hint = (fold) => /^hint/i.test(fold.querySelector("summary")?.textContent.trim() ?? "");
      closed.forEach((fold) => (hint(fold) ? fold.classList.add("folded") : (fold.open = true)));
      opened = closed;
    });
    addEventListener("afterprint", () => {
      opened.filter((fold) => !fold.classList.contains("folded")).forEach((fold) => (fold.open = false));
      opened.forEach((fold) => fold.classList.remove("folded"));
      opened = [];
    });
  }

  /* What is wider than its place can be scrolled with the keyboard: it takes the focus. */
  function scrollable() {
    document.querySelectorAll(".formula, main table").forEach((node) => {
      if (node.scrollWidth > node.clientWidth) node.tabIndex = 0;
      else node.removeAttribute("tabindex");
    });
  }

  function start() {
    predictions();
    scrollable();
    document.fonts.ready.then(scrollable);
    addEventListener("resize", scrollable);
    document.addEventListener("toggle", scrollable, true);
    search();
    printing();
    const nodes = document.querySelectorAll("[data-demo]");
    const seen = new IntersectionObserver((entries) => {
      for (const entry of entries.filter((e) => e.isIntersecting)) {
        seen.unobserve(entry.target);
        load(entry.target);
      }
    }, { rootMargin: NEAR });
    nodes.forEach((node) => seen.observe(node));
  }

  return { demo, load, start, FrozenModel, found, corrected };
})();

if (typeof module !== "undefined") module.exports = lsml;
else document.addEventListener("DOMContentLoaded", lsml.start);
