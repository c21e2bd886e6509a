// The practice page: questions that were drawn when the site was built, checked here. No server, no network.
//
// An answer is kept as [name of the question, its topic, share of the points]. `choose` and `check` know no page,
// so that tests can call them.

const lsmlPractice = (() => {
  const STORE = "lsml-practice";
  const RECENT = 20; // answers per topic that the progress looks at
  const LETTERS = "abcdefghij";

  class Unreadable extends Error {} // a response that says nothing: the message says what is expected

  function element(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  }

  function markup(tag, html, attributes = {}) {
    const node = element(tag, attributes);
    node.innerHTML = html;
    return node;
  }

  // --- questions ---

  function shuffled(items, random) {
    const left = [...items];
    for (let i = left.length - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1));
      [left[i], left[j]] = [left[j], left[i]];
    }
    return left;
  }

  const templateOf = (name) => name.split("/")[0];

  /* Up to `count` questions: templates missed last time first, then new ones, then the rest; of a template the
     question that was answered least often, and a second one only when every template had its turn. */
  function choose(questions, answers, { topic, difficulty, count }, random = Math.random) {
    const pool = questions.filter((q) => (!topic || q.topic === topic) && (!difficulty || q.difficulty === difficulty));
    const times = new Map();
    const last = new Map();
    for (const [name, , share] of answers) {
      times.set(name, (times.get(name) ?? 0) + 1);
      last.set(templateOf(name), share);
    }
    const rank = (template) => (last.has(template) ? (last.get(template) < 1 ? 0 : 2) : 1);
    const templates = shuffled([...new Set(pool.map((q) => q.template))], random).sort((a, b) => rank(a) - rank(b));
    const ready = new Map(templates.map((t) => [t, shuffled(pool.filter((q) => q.template === t), random)]));
    for (const list of ready.values()) list.sort((a, b) => (times.get(a.name) ?? 0) - (times.get(b.name) ?? 0));
    const chosen = [];
    while (chosen.length < Math.min(count, pool.length)) {
      for (const list of ready.values()) if (list.length && chosen.length < count) chosen.push(list.shift());
    }
    return chosen;
  }

  /* 3, -0.25, −1/4, 1.5/2, 3 1/2, 1 000; a comma may stand for the point. 1,000 can be read in two ways. */
  function number(text) {
    const plain = text.trim().replaceAll("−", "-").replace(/(?<=\/) +| +(?=\/)|(?<=^[+-]) +|(?<=\d) (?=\d{3}(?!\d))/g, "");
    if (/^[+-]?[1-9]\d{0,2},\d{3}$/.test(plain)) {
      throw new Unreadable(`This can be read in two ways. Write ${plain.replace(",", "")} or ${plain.replace(",", ".")}.`);
    }
    const mixed = /^([+-]?)(\d+) (\d+)\/(\d+)$/.exec(plain);
    const clean = mixed ? `${mixed[1]}${mixed[2] * mixed[4] + Number(mixed[3])}/${mixed[4]}` : plain.replaceAll(",", ".");
    const [top, bottom] = clean.split("/");
    const readable = /\d/.test(clean) && /^[+-]?\d*\.?\d*(\/\d*\.?\d+)?$/.test(clean) && /\d/.test(top);
    if (!readable) throw new Unreadable("Write a number such as 3, -0.25 or 5/3.");
    if (bottom && !Number(bottom)) throw new Unreadable("Nothing can be divided by 0.");
    return bottom ? Number(top) / Number(bottom) : Number(top);
  }

  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

  /* {right, share, text}: text is what a known mistake reveals, or `unknown`. A response is a text for a number, a
     position for a choice, positions for a subset and an order, and true or false per line of a rubric. */
  function check(answer, response, unknown) {
    const verdict = (right, share, equal) => ({
      right, share: right ? 1 : share, text: right ? "Right." : (answer.mistakes.find(([wrong]) => equal(wrong))?.[1] ?? unknown),
    });
    if (answer.kind === "number") {
      const value = number(response);
      const close = (other) => Math.abs(value - other) <= answer.tolerance;
      return verdict(close(answer.right), 0, close);
    }
    if (answer.kind === "choice") {
      if (response === null) throw new Unreadable("Choose one of the options.");
      return verdict(response === answer.right, 0, (wrong) => wrong === response);
    }
    if (answer.kind === "subset") {
      const wrong = answer.options.filter((_, i) => answer.right.includes(i) !== response.includes(i)).length;
      const share = Math.max(0, 1 - wrong / Math.max(1, answer.right.length));
      return verdict(wrong === 0, share, (other) => same(other, response));
    }
    if (answer.kind === "order") {
      if (new Set(response).size < answer.options.length || response.includes(-1)) throw new Unreadable("Use every item once.");
      const placed = response.filter((item, i) => item === answer.right[i]).length;
      return verdict(placed === response.length, placed / response.length, (other) => same(other, response));
    }
    const points = (lines) => lines.reduce((sum, [n]) => sum + n, 0);
    const [earned, all] = [points(answer.rubric.filter((_, i) => response[i])), points(answer.rubric)];
    return { right: earned === all, share: earned / all, text: `${earned} of ${all} points.` };
  }

  // --- progress ---

  function load() {
    try {
      return JSON.parse(localStorage.getItem(STORE) ?? "[]");
    } catch {
      return [];
    }
  }

  function save(answers) {
    try {
      localStorage.setItem(STORE, JSON.stringify(answers));
    } catch { /* a browser may forbid it: then it lasts as long as the page */ }
  }

  // --- the page ---

  function start(root) {
    const setup = root.querySelector(".practice-setup");
    const message = root.querySelector(".practice-message");
    const stage = root.querySelector(".practice-question");
    const progress = root.querySelector(".practice-progress");
    const headings = Object.fromEntries([...setup.topic.options].map((o) => [o.value, o.textContent]));
    let data = null, answers = load(), session = null;

    function showProgress() {
      if (!answers.length) return progress.replaceChildren(element("p", {}, "No answers yet."));
      const row = (topic) => {
        const shares = answers.filter(([, of]) => of === topic).map(([, , share]) => share);
        const recent = shares.slice(-RECENT);
        const percent = recent.length ? `${Math.round((100 * recent.reduce((a, b) => a + b, 0)) / recent.length)} %` : "";
        const cells = [String(shares.length), percent].map((text) => element("td", {}, text));
        return element("tr", {}, element("th", { scope: "row" }, headings[topic]), ...cells);
      };
      const head = ["Topic", "Answers", `Points, last ${RECENT}`].map((text) => element("th", { scope: "col" }, text));
      const rows = Object.keys(headings).filter(Boolean).map(row);
      const table = element("table", {}, element("caption", {}, "Your progress"), element("thead", {}, element("tr", {}, ...head)));
      table.append(element("tbody", {}, ...rows));
      const forget = element("button", { type: "button" }, "Delete my progress");
      forget.addEventListener("click", () => {
        answers = [];
        save(answers);
        showProgress();
        message.textContent = "Your progress was deleted.";
      });
      return progress.replaceChildren(table, forget);
    }

    setup.addEventListener("submit", (event) => {
      event.preventDefault();
      if (data) return begin();
      message.textContent = "Loading the questions …";
      lsml.questions = (given) => {
        data = given;
        begin();
      };
      const script = element("script", { src: root.dataset.questions });
      script.addEventListener("error", () => (message.textContent = "The file of the questions is missing."));
      document.head.append(script);
    });

    function begin() {
      const asked = { topic: setup.topic.value, difficulty: Number(setup.difficulty.value), count: Number(setup.count.value) };
      const questions = choose(data.questions, answers, asked);
      message.textContent = "";
      if (!questions.length) {
        message.textContent = "There is no question on this topic of this difficulty. Choose another difficulty.";
        return;
      }
      session = { questions, verdicts: [] };
      ask();
    }

    function ask() {
      const question = session.questions[session.verdicts.length];
      setup.hidden = progress.hidden = Boolean(question);
      if (!question) return finish();
      const place = `Question ${session.verdicts.length + 1} of ${session.questions.length}`;
      const heading = element("h3", { tabindex: "-1" }, place);
      const about = element("p", { class: "practice-about" }, `${headings[question.topic]} · ${question.kind} · about ${question.minutes} minutes`);
      const { nodes, response } = controls(question.answer);
      const derivation = question.answer.kind === "derivation";
      const submit = element("button", { type: "submit" }, derivation ? "Compare with the model answer" : "Check my answer");
      const stop = element("button", { type: "button", class: "practice-stop" }, "End this session");
      const alert = element("p", { role: "alert" });
      const fields = element("fieldset", {}, element("legend", {}, derivation ? "Your notes, on paper or here" : "Your answer"), ...nodes);
      const form = element("form", { autocomplete: "off" }, fields, alert, element("p", {}, submit, " ", stop));
      stop.addEventListener("click", () => {
        session.questions.length = session.verdicts.length;
        ask();
      });
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        if (derivation) selfMark();
        else answer();
      });
      stage.replaceChildren(heading, about, markup("div", question.prompt, { class: "text" }), form);
      heading.focus();
      heading.scrollIntoView({ block: "nearest" });

      function answer() {
        try {
          const verdict = check(question.answer, response(), data.unknown);
          fields.disabled = true;
          mark(fields, question.answer);
          form.querySelector("p:last-child").remove();
          alert.remove();
          show(verdict, solution(question, "Worked solution"), !verdict.right && question.words);
        } catch (error) {
          if (!(error instanceof Unreadable)) throw error;
          alert.textContent = error.message;
        }
      }

      function selfMark() {
        submit.remove();
        const lines = question.answer.rubric.map(([points, step]) => {
          const label = markup("label", `<input type="checkbox"> ${points} ${points === 1 ? "point" : "points"}: ${step}`);
          return element("p", {}, label);
        });
        const count = element("button", { type: "submit" }, "Count my points");
        const legend = element("legend", {}, "Tick every step that your answer contains. Be strict.");
        const rubric = element("form", {}, element("fieldset", {}, legend, ...lines), element("p", {}, count));
        rubric.addEventListener("submit", (event) => {
          event.preventDefault();
          const met = lines.map((line) => line.querySelector("input").checked);
          rubric.querySelector("fieldset").disabled = true;
          count.remove();
          show(check(question.answer, met, data.unknown), []);
        });
        const model = element("div", { class: "practice-solution", tabindex: "-1" }, ...solution(question, "Model answer"));
        stage.append(model, rubric);
        model.focus();
      }

      /* The verdict takes the focus, so that a screen reader reads it and Tab leads to the next question. */
      function show(verdict, nodes, right = "") {
        session.verdicts.push(verdict);
        answers.push([question.name, question.topic, verdict.share]);
        save(answers);
        const told = markup("p", `<strong>${verdict.right ? "✓" : "✗"}</strong> ${verdict.text}`, { class: "practice-told" });
        const box = element("div", { class: `practice-verdict ${verdict.right ? "right" : "wrong"}`, tabindex: "-1" }, told);
        if (right) box.append(markup("p", `Right answer: ${right}`));
        box.append(...nodes);
        const last = session.verdicts.length === session.questions.length;
        const next = element("button", { type: "button" }, last ? "See the result" : "Next question");
        next.addEventListener("click", ask);
        stage.append(box, element("p", {}, next, " ", last ? "" : stop));
        box.focus();
      }
    }

    function finish() {
      const { questions, verdicts } = session;
      const right = verdicts.filter((v) => v.right).length;
      const possible = questions.reduce((sum, q) => sum + q.points, 0);
      const points = questions.reduce((sum, q, i) => sum + q.points * verdicts[i].share, 0);
      const text = `${right} of ${questions.length} questions right, ${points.toFixed(1)} of ${possible} points.`;
      const heading = element("h3", { tabindex: "-1" }, "The result of this session");
      stage.replaceChildren(heading, element("p", {}, questions.length ? text : "You answered no question."));
      setup.querySelector("button").textContent = "Start again";
      showProgress();
      heading.focus();
    }

    showProgress();
  }

  function solution(question, title) {
    const steps = question.solution.map((step) => markup("li", step));
    return [element("p", {}, element("strong", {}, title)), element("ol", {}, ...steps)];
  }

  /* The controls of an answer, and a function that says what they hold. */
  function controls(answer) {
    if (answer.kind === "number") {
      const input = element("input", { type: "text", "aria-label": "Your answer", "aria-describedby": "practice-hint" });
      const hint = element("span", { id: "practice-hint" }, " a number such as 3, -0.25 or 5/3");
      return { nodes: [input, hint], response: () => input.value };
    }
    if (answer.kind === "choice" || answer.kind === "subset") {
      const type = answer.kind === "choice" ? "radio" : "checkbox";
      const labels = answer.options.map((text, i) => markup("label", `<input type="${type}" name="option" value="${i}"> <span>(${LETTERS[i]}) ${text}</span>`));
      const hint = type === "checkbox" ? [element("p", {}, "Mark all that apply.")] : [];
      const marked = () => labels.flatMap((label, i) => (label.querySelector("input").checked ? [i] : []));
      return { nodes: [...hint, ...labels], response: () => (type === "radio" ? (marked()[0] ?? null) : marked()) };
    }
    if (answer.kind === "order") {
      const items = element("ol", { type: "a" }, ...answer.options.map((text) => markup("li", text)));
      const selects = answer.options.map((_, place) => {
        const select = element("select", {}, element("option", { value: "-1" }, "choose"));
        answer.options.forEach((_item, i) => select.append(element("option", { value: String(i) }, `(${LETTERS[i]})`)));
        const name = markup("span", answer.places[place] ?? `Place ${place + 1}`);
        return element("label", { class: "practice-place" }, select, " ", name);
      });
      const ask = element("p", {}, answer.places.length ? "Choose the letter that belongs to each line." : "Choose the letter for each place.");
      return { nodes: [items, ask, ...selects], response: () => selects.map((label) => Number(label.firstChild.value)) };
    }
    const notes = element("textarea", { rows: "6", "aria-label": "Your notes" });
    return { nodes: [notes], response: () => null };
  }

  /* The right options get a word, not only a colour. */
  function mark(fields, answer) {
    if (answer.kind !== "choice" && answer.kind !== "subset") return;
    const right = [answer.right].flat();
    fields.querySelectorAll("label").forEach((label, i) => {
      if (right.includes(i)) label.append(element("strong", {}, " ✓ right"));
    });
  }

  return { choose, check, number, start };
})();

if (typeof module !== "undefined") module.exports = lsmlPractice;
else document.addEventListener("DOMContentLoaded", () => document.querySelectorAll(".practice").forEach(lsmlPractice.start));
