// The front end of a practice session. The kernel describes a page in the trait `page`; the answers go back as
// messages {do: "start" | "answer" | "mark" | "next", …}. Every control is a native one with a label.

function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "html") node.innerHTML = value; // made by `rendering`, which escapes what is not its own
    else if (value !== undefined) node.setAttribute(key, value);
  }
  node.append(...children);
  return node;
}

let used = 0;
const fresh = () => `lsml-practice-${(used += 1)}`;

function labelled(text, control) {
  control.id = fresh();
  return element("p", { class: "lsml-field" }, element("label", { for: control.id }, text), control);
}

function select(entries) {
  return element("select", {}, ...entries.map(([text, value]) => new Option(text, value)));
}

/** Radio buttons or check boxes, each with its text, which may hold formulas. */
function marks(type, legend, texts) {
  const name = fresh();
  const inputs = texts.map((_, i) => element("input", { type, name, value: i }));
  const rows = texts.map((text, i) => element("label", { class: "lsml-option" }, inputs[i], element("span", { html: text })));
  return { node: element("fieldset", {}, element("legend", {}, legend), ...rows), inputs };
}

/** For each form of answer: its node, how to read it, and how to fill in what was answered. */
const FORMS = {
  number() {
    const input = element("input", { type: "text", inputmode: "text", autocomplete: "off", placeholder: "3, -0.25 or 5/3" });
    return { node: labelled("Your answer", input), read: () => input.value, fill: (text) => (input.value = text) };
  },
  choice({ options }) {
    const { node, inputs } = marks("radio", "Choose one.", options);
    const read = () => {
      const at = inputs.findIndex((input) => input.checked);
      return at < 0 ? null : at;
    };
    return { node, read, fill: (at) => (inputs[at].checked = true) };
  },
  subset({ items }) {
    const { node, inputs } = marks("checkbox", "Mark all that apply.", items);
    const read = () => inputs.flatMap((input, i) => (input.checked ? [i] : []));
    return { node, read, fill: (chosen) => chosen.forEach((i) => (inputs[i].checked = true)) };
  },
  order({ items, places }) {
    const entries = [["choose", -1], ...items.map((text, i) => [text, i])];
    const selects = places.map(() => select(entries));
    const rows = places.map((place, i) => {
      selects[i].id = fresh();
      return element("div", { class: "lsml-place" }, element("label", { for: selects[i].id, html: place }), selects[i]);
    });
    const read = () => selects.map((box) => Number(box.value));
    return { node: element("div", {}, ...rows), read, fill: (order) => order.forEach((at, i) => (selects[i].value = at)) };
  },
  derivation() {
    const area = element("textarea", { rows: 6, placeholder: "Write on paper, or here." });
    return { node: labelled("Notes", area), read: () => area.value, fill: (text) => (area.value = text) };
  },
};

function button(text, kind = "button") {
  return element("button", { type: kind }, text);
}

function render({ model, el }) {
  const root = element("section", { class: "lsml-practice", "aria-label": "Practice session" });
  // Lab would take keys for its own shortcuts: arrows select cells, letters edit the notebook.
  root.addEventListener("keydown", (event) => event.stopPropagation());
  el.append(root);
  const head = element("div", { class: "lsml-head" });
  const main = element("div");
  const status = element("div", { role: "status", "aria-live": "polite" }); // stays, so that changes are read out
  const after = element("div");
  root.append(head, main, status, after);
  let shown = null; // number of the question whose form is shown
  let form = null;

  const submitting = (node, message) => {
    node.addEventListener("submit", (event) => {
      event.preventDefault();
      model.send(message());
    });
    return node;
  };

  function setup(page) {
    const { topics, levels, counts } = page.setup;
    const [topic, level, count] = [select(topics), select(levels), select(counts)];
    const timed = element("input", { type: "checkbox" });
    const fields = element(
      "form",
      { class: "lsml-setup" },
      labelled("Topic", topic),
      labelled("Difficulty", level),
      labelled("Questions", count),
      labelled("Timed", timed),
      button(page.button, "submit"),
    );
    submitting(fields, () => ({
      do: "start", topic: topic.value, difficulty: level.value, count: Number(count.value), timed: timed.checked,
    }));
    main.replaceChildren(fields);
    after.replaceChildren();
    shown = null;
    return fields.querySelector("button");
  }

  function question(page) {
    const first = shown !== page.number;
    if (first) {
      shown = page.number;
      form = FORMS[page.answer.form](page.answer);
      const fields = element("form", {}, form.node, button(page.button, "submit"));
      submitting(fields, () => ({ do: "answer", response: form.read() }));
      main.replaceChildren(element("div", { class: "lsml-prompt", html: page.prompt }), fields);
      if (page.given !== null) form.fill(page.given);
    }
    const asked = page.stage === "question";
    main.querySelectorAll("input, select, textarea").forEach((control) => (control.disabled = !asked));
    main.querySelector("button[type=submit]").hidden = !asked;
    after.replaceChildren();
    if (asked) return main.querySelector("input, select, textarea");
    return page.stage === "marking" ? marking(page) : verdict(page);
  }

  function marking(page) {
    const { node, inputs } = marks("checkbox", "Tick every step that your answer contains.", page.rubric);
    const fields = element("form", {}, element("div", { html: page.model }), node, button("Count my points", "submit"));
    submitting(fields, () => ({ do: "mark", met: inputs.map((input) => input.checked) }));
    after.replaceChildren(fields);
    return inputs[0];
  }

  function verdict(page) {
    const next = button(page.button);
    next.addEventListener("click", () => model.send({ do: "next" }));
    after.replaceChildren(element("div", { class: "lsml-solution", html: page.solution }), next);
    return next;
  }

  /** Show the page. Each function returns the control where the next key goes. */
  function draw(follow) {
    const page = model.get("page");
    head.innerHTML = page.head;
    const target = page.stage === "setup" ? setup(page) : question(page);
    status.innerHTML = page.status;
    status.className = page.mood;
    root.dataset.stage = page.stage;
    if (!follow) return; // the notebook was opened: leave the focus where it is
    target.focus({ preventScroll: true });
    // A new question is read from its top, a verdict from where it begins.
    (page.stage === "question" ? head : page.stage === "setup" ? root : status).scrollIntoView({ block: "nearest" });
    target.scrollIntoView({ block: "nearest" });
  }

  const changed = () => draw(true);
  draw(false);
  model.on("change:page", changed);
  return () => model.off("change:page", changed);
}

export default { render };
