// The web pages: frozen demos, the search, and the addresses of scenes, which decks and the stage share.

import assert from "node:assert/strict";
import { test } from "node:test";

import { browserModule, pageScript } from "./load.mjs";

globalThis.location = { pathname: "/" };
const page = pageScript("page.js");
const deck = pageScript("slides.js");
const stage = await browserModule("courseware/present/present.js");

const frame = (eta, shape) => ({
  setting: { eta, shape }, file: `${eta}${shape}.webp`, alt: `${shape} to ${eta}`, reached: eta === 3, handles: [],
});
const SPEC = {
  controls: [
    { name: "eta", values: [1, 2, 3], start: 2 },
    { name: "shape", values: ["line", "tent"], start: "line" },
  ],
  background: "background.webp",
  frames: [frame(2, "line"), frame(1, "line"), frame(3, "line"), frame(3, "tent")],
};
const model = (setting, change) => new page.FrozenModel(SPEC, "frames/x", setting, change);
const values = (frozen) => [frozen.get("eta"), frozen.get("shape")];

globalThis.Image = class {
  constructor() {
    this.complete = true;
  }

  decode() {
    return Promise.resolve();
  }
};

test("a frozen demo begins where it starts, or at the setting of a scene", () => {
  assert.deepEqual(values(model()), [2, "line"]);
  assert.deepEqual(values(model({ eta: 3, shape: "tent" })), [3, "tent"]);
  assert.deepEqual(values(model({ eta: 99 })), [2, "line"]);
  assert.equal(model().get("first"), "frames/x/2line.webp");
  assert.equal(model().get("spec").background, "frames/x/background.webp");
});

test("a move to a setting without a picture keeps what was moved and resets the rest", () => {
  const frozen = model({ eta: 3, shape: "tent" });
  frozen.set("eta", 1);
  frozen.settle({ eta: 1 });
  assert.deepEqual(values(frozen), [1, "line"]);
});

test("a frozen demo answers as a kernel does, with the file of the frame", () => {
  const frozen = model(), heard = [];
  frozen.on("msg:custom", (message) => heard.push(message));
  frozen.send({ ask: "a", setting: { eta: 3, shape: "tent" } });
  frozen.send({ ask: "b", setting: { eta: 1, shape: "tent" } });
  assert.deepEqual(heard[0], { frame: "a", alt: "tent to 3", reached: true, handles: [], url: "frames/x/3tent.webp" });
  assert.equal(heard[1].error, "b");
  assert.match(heard[1].text, /no picture of that setting/);
});

test("every change of a control is heard once, by its own listener", () => {
  const frozen = model(), heard = [];
  frozen.on("change:eta", () => heard.push("eta"));
  frozen.on("change:shape", () => heard.push("shape"));
  frozen.set("shape", "tent");
  assert.deepEqual(heard, ["shape"]);
});

test("the search finds all words of the query at the beginnings of words; titles count more, code less", () => {
  const index = [
    { title: "greedy", text: "the code of greedy", url: "api/greedy.html" },
    { title: "Greedy", text: "the lazy queue", url: "lectures/05.html#greedy" },
    { title: "Queues", text: "greedy greedy", url: "lectures/05.html#queues" },
    { title: "Momentum", text: "a heavy ball", url: "lectures/01.html" },
  ];
  const titles = (query) => page.found(query, index).map((entry) => entry.title);
  assert.deepEqual(titles("greed"), ["Greedy", "Queues", "greedy"]); // the code comes last
  assert.deepEqual(titles("QUEUE greedy"), ["Greedy", "Queues"]); // a whole word in the title before a beginning
  assert.deepEqual(titles("reedy"), []);
  assert.deepEqual(titles("  "), []);
});

test("one or two letters are found as whole words only, symbols too", () => {
  const index = [
    { title: "Rates", text: "1/√k after the run", url: "lectures/02.html" },
    { title: "Norms", text: "the norm of ∇f, k + 1 of them", url: "lectures/01.html" },
  ];
  const titles = (query) => page.found(query, index).map((entry) => entry.title);
  assert.deepEqual(titles("r"), []);
  assert.deepEqual(titles("∇"), ["Norms"]);
  assert.deepEqual(titles("√k"), ["Rates"]);
  assert.deepEqual(titles("k + 1"), ["Rates", "Norms"]);
});

test("a misspelled word is replaced by the nearest one, and a known or a short one stays", () => {
  const index = [
    { title: "Lottery tickets", text: "momentum of a ticket", url: "lectures/10.html" },
    { title: "Tickets", text: "a lottery, adam", url: "lectures/11.html" },
  ];
  assert.equal(page.corrected("lottry tickt", index), "lottery ticket");
  assert.equal(page.corrected("momentim", index), "momentum");
  assert.equal(page.corrected("lott", index), "lott"); // the beginning of a word
  assert.equal(page.corrected("ada", index), "ada");
  assert.equal(page.corrected("zebra", index), "zebra");
  assert.equal(page.corrected("", index), "");
});

// --- slides ---

test("the parts of a slide hold all steps in order, fit, and are about equally high", () => {
  assert.deepEqual(deck.parts([100, 200], 400), [0]);
  assert.deepEqual(deck.parts([300, 500, 400], 700), [0, 1, 2]);
  assert.deepEqual(deck.parts([100, 100, 100, 100], 300), [0, 2]); // not three and one
  assert.deepEqual(deck.parts([900, 100], 700), [0, 1]); // a step that is too high stands alone
  assert.deepEqual(deck.parts([], 700), [0]);
});

// --- scenes ---

const PLACES = [
  { demo: "a.b.one", lecture: "05", slide: 3, step: 1 },
  { demo: "a.b.two", lecture: "05", slide: 7, step: 0 },
  { demo: "a.b.one", lecture: "05", slide: 9, step: 2 },
];
const SETTING = { eta: 0.5, steps: 12, shape: "line & tent?", sign: "−" };

test("the stage writes the address that the deck writes, and reads what the deck reads", () => {
  const [place] = PLACES;
  const address = stage.format(place, SETTING);
  assert.equal(address, deck.format({ ...place, setting: SETTING }));
  const { slide, demo, setting } = deck.parse(address);
  assert.deepEqual(stage.parse(address), { slide, demo, setting });
  assert.deepEqual(setting, SETTING);
});

test("an address without a demo, and none at all, can be read", () => {
  assert.deepEqual(stage.parse("#/4/2"), { slide: 3, demo: "", setting: {} });
  assert.deepEqual(stage.parse(""), { slide: 0, demo: "", setting: {} });
  assert.deepEqual(stage.parse("#/4/2/a.b.one?eta=oops").setting, { eta: "oops" });
});

test("a scene means its demo on its slide, or where else it is, or the next demo", () => {
  const index = (slide, demo = "") => stage.indexOf(PLACES, { slide, demo });
  assert.equal(index(9, "a.b.one"), 2);
  assert.equal(index(5, "a.b.one"), 0);
  assert.equal(index(4), 1);
  assert.equal(index(99), 0);
  assert.equal(index(3, "a.b.three"), -1);
});

test("a control keeps the keys it needs, and no key of a presenter's", () => {
  const focused = (kinds) => ({ matches: (selector) => selector.split(", ").some((part) => kinds.includes(part)) });
  const slider = focused(["input", "input[type=range]"]), text = focused(["input", "input:not([type=range])"]);
  const own = (node, keys) => keys.filter((key) => stage.isOwn(node, key));
  const keys = ["ArrowRight", "Home", " ", "k", "PageDown", "Escape"];
  assert.deepEqual(own(slider, keys), ["ArrowRight", "Home", " "]);
  assert.deepEqual(own(text, keys), ["ArrowRight", "Home", " ", "k"]);
  assert.deepEqual(own(focused(["select"]), keys), ["ArrowRight", "Home", " ", "k"]);
  assert.deepEqual(own(focused(["button", ".lsml-handle"]), keys), ["ArrowRight", "Home", " "]);
  assert.deepEqual(own(focused(["button"]), keys), [" "]);
  assert.deepEqual(own(focused(["body"]), keys), []);
});

test("a link carries the kept scenes, also one that was copied from a deck", () => {
  const kept = PLACES.map((place) => stage.format(place, SETTING));
  const link = stage.linkTo("http://localhost:8866/?old=1#/9/9", kept);
  assert.ok(link.startsWith("http://localhost:8866/?scenes="));
  assert.deepEqual(stage.parts(link), { hash: kept[0], kept });
  assert.deepEqual(stage.parts("#/4/2"), { hash: "#/4/2", kept: null });
  assert.deepEqual(stage.parts("http://localhost/?scenes=broken"), { hash: "", kept: null });
});
