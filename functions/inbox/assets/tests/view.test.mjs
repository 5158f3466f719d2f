// The parts of the viewer that need no browser: which word is where, how large pages are, what is said.
import assert from "node:assert/strict";
import { test } from "node:test";
import { failure, reasonOf, warned } from "../desk/failures.js";
import { Finder, nearby } from "../desk/finder.js";
import { cutOf } from "../desk/loupe.js";
import { described, placesFor, told } from "../desk/marks.js";
import { Hits, textOf } from "../desk/hits.js";
import { fitting, pictureWidth, sizeOf, unturned, wheeled, zoomed } from "../desk/scale.js";
import { laidOut } from "./laid_out.mjs";

const LINES = "Harrow & Pike\nUnit 6, Dye Works Lane\nLeeds LS11 502";
const words = laidOut(LINES).words;
const center = (text) => {
  const [left, top, width, height] = words.find((word) => word.text === text).box;
  return [left + width / 2, top + height / 2];
};

test("the word at a point is found, and none where there is none", () => {
  const hits = new Hits(words);
  for (const { text } of words) assert.equal(words[hits.at(...center(text))].text, text);
  assert.equal(hits.at(0.9, 0.9), -1);
  assert.equal(hits.at(-1, 2), -1);
});

test("an area has its words as they are read, whatever their order in the file", () => {
  const hits = new Hits([...words].reverse());
  const text = textOf(hits.within(0.5, 0.06, 0, 0.033).map((id) => hits.words[id]));
  assert.equal(text, "Unit 6, Dye Works Lane Leeds LS11 502");
});

test("a word that is parted at a line's end becomes one again, a double name does not", () => {
  assert.equal(textOf([{ text: "Rechnungs-" }, { text: "empfänger" }]), "Rechnungsempfänger");
  assert.equal(textOf([{ text: "HPW-" }, { text: "2026" }]), "HPW- 2026");
});

test("keys go from word to word", () => {
  const hits = new Hits(words);
  const at = (id) => hits.words[id].text;
  const first = hits.from(-1);
  assert.equal(at(first), "Harrow");
  assert.equal(at(hits.from(first, "left")), "Harrow");
  assert.equal(at(hits.from(first, "right")), "&");
  assert.equal(at(hits.from(first, "down")), "Unit");
  assert.equal(at(hits.from(hits.from(first, "down"), "up")), "Harrow");
  assert.equal(new Hits([]).from(-1), -1);
});

test("zoom goes in steps and ends", () => {
  assert.equal(zoomed(1, 1), 1.25);
  assert.equal(zoomed(1, -1), 0.8);
  assert.equal(zoomed(4, 1), 4);
  assert.equal(zoomed(0.25, -1), 0.25);
  assert.ok(wheeled(1, -100) > 1.1 && wheeled(1, 100) < 0.9);
  assert.ok(wheeled(4, -1e9) <= 4 && wheeled(0.25, 1e9) >= 0.25);
});

test("a page that is turned is as wide as it was high", () => {
  const page = { width: 600, height: 900 };
  assert.deepEqual(sizeOf(page, 1, 1), { width: 800, height: 1200, outerWidth: 1200, outerHeight: 800 });
  assert.equal(fitting(page, 800, 0), 1);
  assert.equal(fitting(page, 1200, 1), 1);
});

test("a point of a turned page is the same point of the page", () => {
  // What is at the top left of the page is at the top right once it is turned to the right.
  assert.deepEqual(unturned(1, 0, 1), [0, 0]);
  assert.deepEqual(unturned(1, 1, 2), [0, 0]);
  assert.deepEqual(unturned(0, 1, 3), [0, 0]);
});

test("the picture is fine enough for the screen, and no finer than there is", () => {
  assert.equal(pictureWidth(700, 1), 800);
  assert.equal(pictureWidth(700, 2), 1600);
  assert.equal(pictureWidth(5000, 3), 2400);
});

test("a failure is told in words, and whether it can pass", () => {
  assert.equal(failure({ reason: "password_protected" }).text, "This document is protected by a password.");
  assert.ok(failure({ reason: "password_protected" }).isFinal);
  assert.ok(!failure({ status: 503 }).isFinal && !failure({ isOffline: true }).isFinal);
  assert.equal(failure({ reason: "toString" }).text, failure({}).text);
  assert.equal(reasonOf({ detail: { code: "page_unavailable", details: { reason: "unreadable" } } }), "unreadable");
  assert.equal(reasonOf({ detail: { code: "not_found" } }), null);
  assert.equal(reasonOf(null), null);
  assert.match(warned({ has_text: false }), /no text/);
  assert.equal(warned({ has_text: true, warnings: [] }), "");
});

const documentOf = (pages) => (document, page) => Promise.resolve({ ...laidOut(pages[page - 1]), page, pages: pages.length, has_text: true, warnings: [] });

test("words are fetched once for each page, and again after a failure", async () => {
  let [asked, isBroken] = [0, true];
  const finder = new Finder(["a"], (document, page) => {
    asked += 1;
    return isBroken ? Promise.reject(new Error("offline")) : documentOf(["one"])(document, page);
  }, () => {});
  await assert.rejects(finder.words("a", 1));
  isBroken = false;
  await Promise.all([finder.words("a", 1), finder.words("a", 1)]);
  assert.equal(asked, 2);
});

test("a field is looked for on further pages until it is found", async () => {
  const pages = ["cover", "terms", "Total 8,410.62", "more"];
  const seen = [];
  const finder = new Finder(["a"], documentOf(pages), (_, page) => seen.push(page));
  await finder.words("a", 1);
  const field = { path: "/total", label: "Total", kind: "number", value: 8410.62 };
  finder.setFields([field]);
  const places = await finder.look(field, "a", 1, () => true, () => {});
  assert.equal(places[0].page, 3);
  assert.deepEqual(seen, [1, 2, 3]);
});

test("looking ends when another field has the focus", async () => {
  const finder = new Finder(["a"], documentOf(["one", "two", "three"]), () => {});
  await finder.words("a", 1);
  const asked = [];
  await finder.look({ path: "/x", label: "X", kind: "text", value: "nowhere" }, "a", 1, () => asked.length < 1, ({ page }) => asked.push(page));
  assert.deepEqual(asked, [2]);
});

test("a value that was typed anew is searched anew", async () => {
  const finder = new Finder(["a"], documentOf(["Total 10.00\nTotal 12.00"]), () => {});
  await finder.words("a", 1);
  const field = { path: "/total", label: "Total", kind: "number", value: 10 };
  finder.setFields([field]);
  assert.equal(finder.placesOf(field)[0].text, "10.00");
  assert.equal(finder.placesOf({ ...field, value: 12 })[0].text, "12.00");
});

test("of very many fields those around one are searched with it", () => {
  const fields = Array.from({ length: 5000 }, (_, at) => ({ path: `/items/${at >> 2}/c${at % 4}` }));
  const around = nearby(fields, "/items/600/c1");
  assert.ok(around.length < 1000 && around.some(({ path }) => path === "/items/600/c0") && around.some(({ path }) => path === "/items/590/c0"));
});

test("the pane says where a place comes from, which of how many, and how far was searched", () => {
  const place = { match: "exact" };
  assert.equal(told({ places: [{ match: "given" }], at: 0, label: "IBAN", hasText: true }), "IBAN");
  assert.equal(told({ places: [place, place], at: 1, label: "Total", hasText: true }), "Total · found by search · 2 of 2");
  assert.equal(told({ places: [{ match: "expected" }], at: 0, label: "Total", hasText: true }), "Total · not found; expected here");
  assert.equal(told({ places: [], at: 0, label: "Total", hasText: true, searched: 60, pages: 300 }), "Total: not found on the 60 of 300 pages that were searched");
  assert.equal(told({ places: [], at: 0, label: "Total", hasText: false }), "Total: place unknown");
  assert.match(described({ match: "exact", label: "Total" }), /found by search/);
});

test("places that came with the review go before those that were found", () => {
  assert.deepEqual(placesFor([{ page: 1 }], [{ page: 2, match: "exact" }]), [{ page: 1, match: "given" }]);
  assert.deepEqual(placesFor([], [{ page: 2, match: "exact" }]), [{ page: 2, match: "exact" }]);
});

test("a place is enlarged with a little around it, and never wider than there is room", () => {
  const size = { width: 600, height: 800 };
  const cut = cutOf([0.5, 0.5, 0.1, 0.0125], size, 34, 400);
  assert.deepEqual(cut, { viewBox: [291.5, 396.5, 77, 17], width: 154 });
  assert.equal(cutOf([0, 0.5, 1, 0.0125], size, 34, 400).width, 400);
  // A thin line of text is not blown up without end, and the left edge stays on the page.
  assert.deepEqual(cutOf([0, 0, 0.1, 0.001], size, 34, 400).viewBox, [0, -7.25, 75.3, 15.3]);
});
