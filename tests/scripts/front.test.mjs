// The front end of a demo: which frames it asks for, when, and what it keeps.

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { browserModule } from "./load.mjs";

const { Frames, Reports, filled, nearest, say, scaleFor } = await browserModule("courseware/demos/engine/front.js", [
  "Frames", "Reports", "filled", "nearest", "say", "scaleFor",
]);
const SPEC = { controls: [{ name: "eta" }, { name: "shape" }] };
const at = (eta, shape = "line") => ({ eta, shape });
const key = (eta, shape = "line") => JSON.stringify([eta, shape]);

/* A kernel that answers only when it is told to. */
class Kernel {
  constructor() {
    this.asked = [];
    this.dead = false;
  }

  on(event, listener) {
    if (event === "msg:custom") this.listener = listener;
  }

  send({ ask, scale }) {
    if (this.dead) throw new Error("no kernel");
    this.asked.push(scale === 1 ? ask : `${ask} × ${scale}`);
  }

  answer(ask, more = {}) {
    this.listener({ frame: ask, alt: `alt of ${ask}`, reached: false, handles: [], url: `file of ${ask}`, ...more }, []);
  }
}

let kernel, frames, silent;
beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  kernel = new Kernel();
  frames = new Frames(kernel, SPEC);
  silent = [];
  frames.onsilence = (value) => silent.push(value);
});

test("a setting is asked for once, however often it is wanted", () => {
  frames.want([at(1)]);
  frames.want([at(1)]);
  kernel.answer(key(1));
  frames.want([at(1)]);
  assert.deepEqual(kernel.asked, [key(1)]);
});

test("one question is on its way at a time, and the next one is for the newest position", () => {
  for (const eta of [1, 2, 3, 4]) frames.want([at(eta)]);
  assert.deepEqual(kernel.asked, [key(1)]);
  kernel.answer(key(1));
  assert.deepEqual(kernel.asked, [key(1), key(4)]);
});

test("during a drag the next question leaves when the kernel is about to be free, for the newest position", () => {
  frames.want([at(1)]);
  mock.timers.tick(70);
  kernel.answer(key(1), { took: 50 }); // 20 ms for the way there and back
  frames.want([at(2)]);
  frames.want([at(3)]);
  assert.deepEqual(kernel.asked.slice(1), [key(2)]);
  mock.timers.tick(49);
  assert.equal(kernel.asked.length, 2);
  frames.want([at(4)]);
  mock.timers.tick(1);
  assert.deepEqual(kernel.asked.slice(1), [key(2), key(4)]);
  mock.timers.tick(20);
  assert.equal(kernel.asked.length, 3, "two questions are under way, not more");
  frames.want([at(5)]);
  kernel.answer(key(2), { took: 50 });
  mock.timers.tick(29); // the kernel went on 20 ms ago
  assert.equal(kernel.asked.length, 3);
  mock.timers.tick(1);
  assert.deepEqual(kernel.asked.at(-1), key(5));
});

test("a reader who rests at the position that is being drawn asks no second question", () => {
  frames.want([at(1)]);
  kernel.answer(key(1), { took: 50 });
  frames.want([at(2)]);
  frames.want([at(3)]);
  frames.want([at(2)]);
  mock.timers.tick(1000);
  assert.deepEqual(kernel.asked, [key(1), key(2)]);
});

test("pictures that were passed on the way are shown in their order", () => {
  const got = [];
  frames.onframe = (frame) => got.push(frame?.key ?? null);
  frames.want([at(1)]);
  kernel.answer(key(1), { took: 50 });
  frames.want([at(2)]);
  frames.want([at(3)]);
  mock.timers.tick(60);
  kernel.answer(key(2), { took: 50 });
  kernel.answer(key(3), { took: 50 });
  assert.deepEqual(got, [key(1), key(2), key(3)]);
});

test("what may come next is asked for when the screen has had its time, and not if the slider moved on", () => {
  frames.want([at(1), at(2), at(3)]);
  kernel.answer(key(1));
  assert.deepEqual(kernel.asked, [key(1)]);
  mock.timers.tick(50);
  assert.deepEqual(kernel.asked, [key(1), key(2)]);
  kernel.answer(key(2));
  frames.want([at(2)]);
  mock.timers.tick(1000);
  assert.deepEqual(kernel.asked, [key(1), key(2)]);
});

test("onframe gets a frame that is for the screen, and nothing for one drawn in advance", () => {
  const got = [];
  frames.onframe = (frame) => got.push(frame?.key ?? null);
  frames.want([at(1), at(2)]);
  kernel.answer(key(1));
  mock.timers.tick(50);
  kernel.answer(key(2));
  assert.deepEqual(got, [key(1), null]);
});

test("the oldest frames are forgotten, those looked at again are young", () => {
  for (let eta = 0; eta < 400; eta += 1) frames.put({ key: key(eta), url: "file" });
  assert.ok(frames.get(at(0)));
  frames.put({ key: key(400), url: "file" });
  assert.equal(frames.seen.size, 400);
  assert.ok(frames.get(at(0)));
  assert.equal(frames.get(at(1)), undefined);
});

test("silence is told after two seconds, only while the screen waits, and taken back by an answer", () => {
  frames.want([at(1)]);
  mock.timers.tick(1900);
  assert.deepEqual(silent, []);
  mock.timers.tick(200);
  assert.deepEqual(silent, [true]);
  kernel.answer(key(1));
  assert.deepEqual(silent, [true, false]);
  frames.want([at(1), at(2)]);
  mock.timers.tick(5000); // drawn in advance: nobody waits for it
  assert.deepEqual(kernel.asked.at(-1), key(2));
  assert.deepEqual(silent, [true, false]);
  frames.want([at(3)]); // now the screen waits, behind the answer that does not come
  mock.timers.tick(2100);
  assert.deepEqual(silent, [true, false, true]);
});

test("a kernel that is gone is told about, and asked again by the next move", () => {
  kernel.dead = true;
  frames.want([at(1)]);
  mock.timers.tick(2100);
  assert.deepEqual(silent, [true]);
  kernel.dead = false;
  frames.want([at(2)]);
  assert.deepEqual(kernel.asked, [key(2)]);
});

test("an error is kept as what the setting shows", () => {
  frames.want([at(0)]);
  kernel.listener({ error: key(0), text: "ValueError: eta" }, []);
  assert.equal(frames.get(at(0)).error, "ValueError: eta");
});

test("a question that was lost does not keep the next ones waiting, nor its own position from being asked again", () => {
  frames.want([at(1)]);
  kernel.answer(key(1), { took: 50 });
  frames.want([at(2)]); // its answer never comes
  frames.want([at(3)]);
  mock.timers.tick(50);
  kernel.answer(key(3), { took: 50 });
  assert.deepEqual(frames.asked, []);
  frames.want([at(2)]);
  assert.deepEqual(kernel.asked, [1, 2, 3, 2].map((eta) => key(eta)));
});

test("an answer that comes early moves the next question, which waits for the drawing that has begun now", () => {
  frames.want([at(1)]);
  kernel.answer(key(1), { took: 100 });
  frames.want([at(2)]);
  frames.want([at(3)]);
  mock.timers.tick(40);
  kernel.answer(key(2), { took: 100 }); // drawn before, so it came at once; 3 leaves now
  frames.want([at(4)]);
  mock.timers.tick(60);
  assert.deepEqual(kernel.asked, [1, 2, 3].map((eta) => key(eta)));
  mock.timers.tick(40);
  assert.deepEqual(kernel.asked.at(-1), key(4));
});

test("what was interrupted is not asked again by itself, but when the reader comes back to it", () => {
  const interrupt = (eta) => kernel.listener({ error: key(eta), text: "interrupted", interrupted: true }, []);
  frames.want([at(1)]);
  interrupt(1);
  frames.want([at(1)]); // as the front end does after each answer
  mock.timers.tick(1000);
  assert.deepEqual(kernel.asked, [key(1)]);
  assert.equal(frames.get(at(1)).error, "interrupted");
  frames.want([at(2)]);
  kernel.answer(key(2));
  frames.want([at(1)]);
  assert.deepEqual(kernel.asked, [1, 2, 1].map((eta) => key(eta)));
  kernel.answer(key(1));
  frames.want([at(1), at(3)]);
  mock.timers.tick(50);
  interrupt(3); // drawn in advance
  mock.timers.tick(1000);
  assert.equal(kernel.asked.length, 4);
  assert.equal(frames.get(at(3)), undefined, "who moves there sees no old message");
  frames.want([at(3)]);
  assert.equal(kernel.asked.length, 5);
});

/* A model as ipywidgets has it: reports take the values that were set since the last one, and come back as echoes. */
class Model {
  constructor() {
    Object.assign(this, { values: { eta: 0, beta: 0 }, unsaved: {}, kernel: [] });
  }

  get(name) {
    return this.values[name];
  }

  set(name, value) {
    this.values[name] = value;
    this.unsaved[name] = value;
  }

  save_changes() {
    this.kernel.push(this.unsaved);
    this.unsaved = {};
  }

  echo(values) {
    Object.assign(this.values, values);
  }
}

test("the kernel learns at once of a single move, of a drag five times a second, and always of the last position", () => {
  const model = new Model();
  const reports = new Reports(model);
  for (let eta = 1; eta <= 50; eta += 1) {
    reports.set({ eta });
    reports.soon();
    mock.timers.tick(10);
  }
  assert.deepEqual(model.kernel.map((report) => report.eta), [1, 20, 40]);
  mock.timers.tick(200);
  assert.equal(model.kernel.at(-1).eta, 50);
  mock.timers.tick(5000);
  assert.equal(model.kernel.length, 4);
});

test("the echo of an earlier report does not move a control back, and what Python sets later does", () => {
  const model = new Model();
  const reports = new Reports(model);
  const move = (changes) => {
    reports.set(changes);
    reports.soon();
  };
  move({ eta: 1 });
  mock.timers.tick(50);
  move({ eta: 2 });
  model.echo({ eta: 1, beta: 7 });
  reports.keep();
  assert.deepEqual(model.values, { eta: 2, beta: 7 });
  mock.timers.tick(200);
  assert.deepEqual(model.kernel, [{ eta: 1 }, { eta: 2 }]);
  model.echo({ eta: 5 });
  reports.keep();
  assert.equal(model.get("eta"), 5);
});

test("a preset right after a drag is what the kernel hears last", () => {
  const model = new Model();
  const reports = new Reports(model);
  for (const changes of [{ eta: 1 }, { eta: 2 }, { eta: 9, beta: 4 }]) {
    reports.set(changes);
    reports.soon();
  }
  mock.timers.tick(1000);
  assert.deepEqual(model.kernel, [{ eta: 1 }, { eta: 9, beta: 4 }]);
});

test("who leaves the page during a drag leaves the last position with the kernel", () => {
  const model = new Model();
  const reports = new Reports(model);
  for (const eta of [1, 2]) {
    reports.set({ eta });
    reports.soon();
  }
  reports.close();
  mock.timers.tick(1000);
  reports.close();
  assert.deepEqual(model.kernel, [{ eta: 1 }, { eta: 2 }]);
});

test("a clock that is set back does not hold a report up", () => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1e9 });
  const model = new Model();
  const reports = new Reports(model);
  reports.set({ eta: 1 });
  reports.soon();
  mock.timers.setTime(1e6);
  reports.set({ eta: 2 });
  reports.soon();
  mock.timers.tick(200);
  assert.equal(model.kernel.at(-1).eta, 2);
});

test("on a page, which has no kernel, a scene that is opened during a drag is kept", () => {
  const model = Object.assign(new Model(), { settle() {} });
  const reports = new Reports(model);
  reports.set({ eta: 1 });
  model.echo({ eta: 5 });
  reports.keep();
  assert.equal(model.get("eta"), 5);
});

test("the smallest scale is taken that fills the screen's pixels, or the largest there is", () => {
  const scales = [1, 1.5, 2, 3];
  const table = [[0, 1], [976, 1], [1099, 1], [1101, 1.5], [1900, 2], [1952, 2], [3300, 3], [9999, 3]];
  for (const [shown, scale] of table) assert.equal(scaleFor(shown, 1000, scales), scale, `${shown} pixels`);
});

test("a picture is drawn sharper when the sliders rest, once", () => {
  frames.want([at(1)]);
  kernel.answer(key(1));
  frames.show(2);
  mock.timers.tick(300);
  assert.deepEqual(kernel.asked, [key(1)]);
  mock.timers.tick(100);
  assert.deepEqual(kernel.asked, [key(1), `${key(1)} × 2`]);
  kernel.answer(key(1), { scale: 2, url: "sharp" });
  assert.equal(frames.get(at(1)).url, "sharp");
  mock.timers.tick(5000);
  assert.equal(kernel.asked.length, 2);
  assert.deepEqual(silent.filter(Boolean), []);
});

test("a move comes before a sharper picture of where the slider was", () => {
  frames.want([at(1)]);
  kernel.answer(key(1));
  frames.show(2);
  mock.timers.tick(300);
  frames.want([at(2)]);
  mock.timers.tick(100);
  assert.deepEqual(kernel.asked, [key(1), key(2)]);
});

test("a coarse answer that comes late does not replace a sharp picture, nor an error any picture", () => {
  frames.put({ key: key(1), url: "sharp", scale: 2 });
  kernel.answer(key(1), { url: "coarse" });
  assert.equal(frames.get(at(1)).url, "sharp");
  frames.show(3);
  frames.want([at(1)]);
  mock.timers.tick(400);
  kernel.listener({ error: key(1), text: "MemoryError" }, []);
  mock.timers.tick(5000);
  assert.equal(frames.get(at(1)).url, "sharp");
  assert.deepEqual(kernel.asked, [`${key(1)} × 3`]);
});

test("numbers are said with a true minus and four digits", () => {
  assert.deepEqual([-1, 0.1 + 0.2, 1234567, 1e-5, "line"].map(say), ["−1", "0.3", "1234567", "0.00001", "line"]);
});

test("nearest is the index of the closest place, the first of two", () => {
  assert.equal(nearest([0, 0.4, 0.9], 0.7), 2);
  assert.equal(nearest([0, 0.5, 1], 0.25), 0);
  assert.equal(nearest([0.9, 0.4, 0], -3), 2);
});

test("a picture fills its box in one direction and is centred in the other", () => {
  const image = (width, height, naturalWidth, naturalHeight) => ({
    naturalWidth, naturalHeight, getBoundingClientRect: () => ({ width, height }),
  });
  const place = ({ left, top, width, height }) => [left, top, width, height];
  assert.deepEqual(place(filled(image(1000, 600, 100, 50))), [0, 50, 1000, 500]);
  assert.deepEqual(place(filled(image(1000, 400, 100, 50))), [100, 0, 800, 400]);
});
