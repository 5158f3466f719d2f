// The decisions of the desk's modules, without a browser: node --test functions/inbox/assets/tests/
import assert from "node:assert/strict";
import { test } from "node:test";
import { due, duration, left, parsed } from "../desk/dom.js";
import { first, pause } from "../desk/live.js";
import { counted, differing, isOutput, settled, unsent } from "../desk/draft.js";
import { isPage, outcome, refusal, since } from "../desk/save.js";
import { isDue, onTyping } from "../desk/claim.js";
import { cellsOf, nameInRow } from "../desk/cells.js";
import { asksFirst, following, said } from "../desk/checks.js";
import { KEYS, commandFor } from "../desk/keys.js";
import { clampSplit, isShown, splitAfter } from "../desk/panes.js";
import { placeIn } from "../desk/history.js";
import { changes, known } from "../desk/queue.js";

const minute = 60000;

test("durations are short, and what is left of a claim ends", () => {
  assert.deepEqual([0, 59, 61, 1500].map((it) => duration(it * minute)), ["less than a minute", "59 min", "1 h 1 min", "1 d 1 h"]);
  assert.deepEqual([1500, 150, 59, 1].map((it) => due(it * minute)), ["due in 1 d", "due in 2 h", "due in 59 min", "due in 1 min"]);
  assert.deepEqual([0, -1, -60, -5000].map((it) => due(it * minute)), ["overdue by 1 min", "overdue by 1 min", "overdue by 1 h", "overdue by 3 d"]);
  assert.deepEqual([left(0), left(1500), left(15 * minute)], ["", "2 s left", "15 min left"]);
  assert.deepEqual([parsed("{", 7), parsed("null", 7), parsed("[1]", 7)], [7, 7, [1]]);
});

test("of several messages the one that matters most is shown", () => {
  assert.equal(first(["done", "offline", "news"]), "offline");
  assert.equal(first(["news", "ended"]), "ended");
  assert.equal(first([]), null);
  assert.deepEqual([pause(5, 0), pause(5, 2), pause(5, 30)], [5000, 20000, 120000]);
});

test("a draft is what differs, and only what was typed is sent", () => {
  const before = new Map([["f/a", "1"], ["f/b", null], ["x/rows/0", "false"]]);
  assert.deepEqual(differing([["f/a", "1"], ["f/b", "2"], ["x/rows/0", "true"]], before), [["f/b", "2"], ["x/rows/0", "true"]]);
  assert.deepEqual(["f/a", "k/a", "e/a/0.0", "j", "snapshot", "n/rows/x", "x/a", "note"].map(isOutput), [true, true, true, true, true, false, false, false]);
  const names = ["f/a", "k/a", "f/b", "k/b", "n/rows/x", "note", "form_token"];
  assert.deepEqual(unsent(names, new Set(["f/a"])), ["f/b", "k/b"]);
  assert.deepEqual(unsent(names, new Set(["k/b"])), ["f/a", "k/a", "f/b"]);
  assert.equal(counted(["f/a", "k/a", "n/rows/x", "note", "snapshot"]), 3);
});

test("what was done makes its own draft needless", () => {
  assert.equal(settled("saved", "draft:x"), "draft:x");
  assert.equal(settled("approved", "draft:x/reopen"), "draft:x");
  assert.equal(settled("reopened", "draft:x"), "draft:x/reopen");
  assert.equal(settled("commented", "draft:x/reopen"), "draft:x/reopen");
  assert.equal(settled("claimed", "draft:x"), null);
});

test("an answer is shown, followed, or said to have failed", () => {
  const path = "/inbox/reviews/r/b";
  const of = (status, location, type) => outcome({ status, location, type }, path).kind;
  assert.equal(of(204, `${path}?done=saved`), "load");
  assert.equal(of(204, "/inbox/reviews/other/b?done=claimed"), "go");
  assert.equal(of(204, "/inbox/reviews/r/b2"), "go");
  assert.equal(of(401, null, "application/json"), "ended");
  for (const status of [200, 403, 409, 413, 422]) assert.equal(of(status, null, "text/html; charset=utf-8"), "show");
  for (const [status, type] of [[500, "text/html"], [404, "text/html"]]) assert.equal(of(status, null, type), "failed");
  for (const [status, type] of [[413, "application/json"], [429, "application/json"], [503, "application/json"], [503, null], [409, "application/json"], [200, null]]) assert.equal(of(status, null, type), "refused");
  assert.deepEqual(since(new Map([["a", "1"], ["b", "2"]]), new Map([["a", "1"], ["b", "3"], ["c", "4"]])), [["b", "3"]]);
});

test("what the gateway answers itself is said in our words, and is no page", () => {
  const path = "/inbox/reviews/r/b";
  assert.match(outcome({ status: 413, location: null, type: "application/json" }, path).text, /more than can be sent/);
  for (const status of [429, 503]) assert.match(outcome({ status, location: null, type: "application/json" }, path).text, /too much to do/);
  assert.match(refusal(500), /\(500\)/);
  for (const status of [413, 429, 500, 502, 503, 504]) assert.match(refusal(status), /^Not done: .*What you typed stays on this page/);
  assert.deepEqual([[true, "text/html; charset=utf-8"], [false, "text/html"], [false, "application/json"], [true, "application/json"], [true, null]].map(([ok, type]) => isPage({ ok, type })), [true, false, false, false, false]);
});

test("a claim is renewed when a third of it is left, and once a minute at most", () => {
  const due = { isMine: true, isSame: true, millisLeft: 300000, renewBelow: 300, sinceLast: 60000 };
  assert.ok(isDue(due));
  for (const not of [{ isMine: false }, { isSame: false }, { millisLeft: 300001 }, { millisLeft: null }, { sinceLast: 59999 }]) assert.ok(!isDue({ ...due, ...not }), JSON.stringify(not));
});

test("typing claims, and asks first when somebody else holds it", () => {
  const free = { isOpen: true, isMine: false, heldBy: undefined, isAsked: false };
  assert.equal(onTyping(free), "claim");
  assert.equal(onTyping({ ...free, heldBy: "Ben" }), "ask");
  for (const not of [{ isOpen: false }, { isMine: true }, { isAsked: true }]) assert.equal(onTyping({ ...free, heldBy: "Ben", ...not }), "nothing");
});

test("the next to check is the next that is not read, around the end", () => {
  const items = [true, false, true, false].map((isRead) => ({ isRead }));
  assert.deepEqual([-1, 0, 1, 3].map((at) => following(items, at, 1)), [1, 1, 3, 1]);
  assert.deepEqual([-1, 0, 1, 3].map((at) => following(items, at, -1)), [3, 3, 3, 1]);
  assert.equal(following([{ isRead: true }], -1, 1), -1);
  assert.equal(following([], -1, 1), -1);
  assert.equal(following([{ isRead: false }], 0, 1), 0);
  assert.deepEqual([said(2, 3), said(0, 3), said(0, 0)], ["2 to check", "All checked", ""]);
  assert.deepEqual([asksFirst(1, false), asksFirst(1, true), asksFirst(0, false)], [true, false, false]);
});

test("keys: in fields, on buttons, in dialogs, with letters off", () => {
  const press = (key, more = {}) => commandFor({ key, ctrl: false, shift: false, alt: false, typing: false, multiline: false, onControl: false, inDialog: false, letters: true, ...more });
  const field = { typing: true };
  assert.equal(press("Enter"), "next");
  assert.equal(press("Enter", { ...field, shift: true }), "back");
  assert.equal(press("Enter", { ...field, multiline: true }), null);
  assert.equal(press("Enter", { onControl: true }), null);
  assert.equal(press(" "), "read");
  assert.equal(press(" ", field), null);
  assert.equal(press(" ", { ...field, ctrl: true }), "read");
  assert.equal(press(" ", { onControl: true }), null);
  assert.equal(press("Enter", { ...field, ctrl: true, multiline: true }), "approve");
  assert.equal(press("s", { ...field, ctrl: true }), "save");
  assert.equal(press("s", field), null);
  assert.equal(press("s"), "use");
  assert.equal(press("/"), "find");
  assert.equal(press("Escape", field), "leave");
  for (const key of ["Enter", "s", "Escape"]) assert.equal(press(key, { inDialog: true }), null);
  for (const key of ["s", " ", "Enter", "?"]) assert.equal(press(key, { letters: false }), null);
  assert.equal(press("Enter", { ...field, letters: false }), "next");
  assert.equal(press("s", { alt: true }), null);
  assert.deepEqual([press("Delete", { alt: true, typing: true }), press("Delete", { typing: true }), press("Delete", { alt: true, inDialog: true })], ["out", null, null]);
  assert.deepEqual([press("Insert", { alt: true, typing: true }), press("Insert", { typing: true })], ["above", null]);
  // All that the help lists does something.
  for (const [keys] of KEYS.filter(([it]) => !it.startsWith("Alt"))) for (const key of keys.split(/[ ,]+/).filter((it) => it.length === 1)) assert.ok(press(key, key === "S" ? { ctrl: true } : {}), key);
});

test("the border between the panes stays in its bounds", () => {
  assert.deepEqual([clampSplit(Number.NaN), clampSplit(5), clampSplit(99), clampSplit(49.6)], [52, 20, 80, 50]);
  assert.deepEqual(["ArrowLeft", "ArrowRight", "Home", "End", "Enter", "x"].map((key) => splitAfter(key, 50)), [48, 52, 20, 80, 52, null]);
  assert.equal(splitAfter("PageUp", 25), 20);
});

test("a field is found by its words", () => {
  const field = { text: "Seller Postcode LS11", isToCheck: true, isChanged: false };
  assert.ok(isShown(field, "all", "post ls11") && isShown(field, "check", "") && isShown(field, "all", " "));
  assert.ok(!isShown(field, "changed", "") && !isShown(field, "all", "city") && !isShown({ ...field, isToCheck: false }, "check", ""));
});

test("a review has its place in the queue that one came from", () => {
  const list = { addresses: ["/inbox/reviews/a/x?workflow_id=w", "/inbox/reviews/b/x?workflow_id=w"], isWhole: false };
  assert.deepEqual(placeIn(list, "/inbox/reviews/b/x"), { text: "2 of 2+", before: list.addresses[0], after: null });
  assert.equal(placeIn(list, "/inbox/reviews/c/x"), null);
  assert.equal(placeIn(null, "/inbox/reviews/c/x"), null);
});

test("what is new in the queue waits", () => {
  assert.deepEqual(changes(["a", "b"], ["c", "b"]), { added: ["c"], gone: ["a"] });
  assert.deepEqual(known(["a", "b"], ["b", "c"]), ["a", "b", "c"]);
  assert.equal(known([], Array.from({ length: 80 }, (_, at) => at)).length, 50);
});

test("what is copied in a spreadsheet is cells; one value is pasted as it is", () => {
  assert.equal(cellsOf("1,249.90"), null);
  assert.equal(cellsOf("one\n"), null);
  assert.deepEqual(cellsOf("a\tb\r\nc\t\r\n"), [["a", "b"], ["c", ""]]);
  assert.deepEqual(cellsOf('"two\nlines"\t"6"" nails"\tx "y" z'), [["two\nlines", '6" nails', 'x "y" z']]);
  assert.deepEqual(cellsOf("1\n2\n\n4"), [["1"], ["2"], [""], ["4"]]);
  assert.equal(cellsOf("x\n".repeat(9000)).length, 500);
});

test("a pasted row has a place of its own", () => {
  assert.equal(nameInRow("n/line_items/amount", "6.0"), "n/line_items/6.0/amount");
  assert.equal(nameInRow("k/a/b~1c", "0.2"), "k/a/0.2/b~1c");
});
