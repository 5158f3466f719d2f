// Which of several places is the likeliest, and what is said of values that are not on the page.
import assert from "node:assert/strict";
import { test } from "node:test";
import { LIMITS, WordIndex, findPlaces } from "../desk/places.js";
import { LIMITS as WORDS } from "../desk/words.js";
import { laidOut, rowOf } from "./laid_out.mjs";

const field = (path, value, kind = typeof value === "number" ? "number" : "text", label = path.split("/").at(-1).replace(/_/g, " ")) => ({ path, label, kind, value });

function search(text, fields, ...more) {
  const index = new WordIndex();
  [text, ...more].forEach((page, at) => index.add(laidOut(page, at + 1)));
  return findPlaces(index, fields);
}

const INVOICE = `Harrow & Pike Workplace Ltd                    INVOICE
Unit 6, Dye Works Lane                         No. HPW-2026-0418
Leeds LS11 502                                 Date 11 May 2026
VAT GB 417 2093 58                             Due 10 June 2026

Bill to                                        Ship to
Calder Vale Clinics LLP                        Calder Vale Clinics LLP
41 Station Parade, Hebden Bridge HX7 6JE       Unit 2, Mill Lane, Todmorden OL14 5AA

Item                                  Qty     Unit       Amount
Treatment couch, electric               2     1,249.90     2,499.80
Reception desk, L-shape, oak            1     1,875.00     1,875.00
Task chair, wipe-clean, with arms       6       189.50     1,137.00
Waiting-room bench, 4 seats             3       412.35     1,237.05
Delivery                                1       260.00       260.00
                                              Subtotal     7,008.85
                                              VAT 20 %     1,401.77
                                              Total GBP    8,410.62`;

const ITEMS = [
  ["Treatment couch, electric", 2, 1249.9, 2499.8], ["Reception desk, L-shape, oak", 1, 1875, 1875], ["Task chair, wipe-clean, with arms", 6, 189.5, 1137],
  ["Waiting-room bench, 4 seats", 3, 412.35, 1237.05], ["Delivery", 1, 260, 260],
];
const rows = (items) => items.flatMap(([description, quantity, price, amount], at) => [
  field(`/items/${at}/description`, description), field(`/items/${at}/quantity`, quantity), field(`/items/${at}/unit_price`, price), field(`/items/${at}/amount`, amount)]);

test("a date that is printed twice is at its own label first", () => {
  const text = "Invoice date 11.05.2026\nDelivery date 11.05.2026\nDue date 11.05.2026";
  const places = search(text, [field("/due_date", "2026-05-11", "date"), field("/invoice_date", "2026-05-11", "date"), field("/delivery_date", "2026-05-11", "date")]);
  assert.deepEqual(["/invoice_date", "/delivery_date", "/due_date"].map((path) => rowOf(places.get(path)[0])), [0, 1, 2]);
  assert.equal(places.get("/due_date").length, 3, "the others are listed behind it");
});

test("labels are known in other languages", () => {
  const text = "Rechnungsdatum 11.05.2026\nFällig am 11.05.2026\nZwischensumme 100,00\nGesamtbetrag 100,00";
  const places = search(text, [field("/due_date", "2026-05-11", "date"), field("/total", 100), field("/subtotal", 100)]);
  assert.deepEqual(["/due_date", "/subtotal", "/total"].map((path) => rowOf(places.get(path)[0])), [1, 2, 3]);
});

test("a total is not at the label of the subtotal", () => {
  const places = search("Sub total 100.00\nTotal tax 0.00\nTotal 100.00", [field("/total", 100), field("/subtotal", 100)]);
  assert.equal(rowOf(places.get("/total")[0]), 2);
  assert.equal(rowOf(places.get("/subtotal")[0]), 0);
});

test("rows of a table are on one line each, whatever else has the same value", () => {
  const places = search(INVOICE, rows(ITEMS));
  ITEMS.forEach((_, at) => {
    for (const column of ["description", "quantity", "unit_price", "amount"]) {
      const [place] = places.get(`/items/${at}/${column}`);
      assert.equal(rowOf(place), 10 + at, `${at} ${column}`);
    }
  });
  const [price, amount] = ["unit_price", "amount"].map((column) => places.get(`/items/1/${column}`)[0].boxes[0][0]);
  assert.ok(price < amount, "equal values of a row are in their columns");
});

test("rows that are the same are on lines after each other", () => {
  const text = "Item      Qty   Price\nCoffee    1     2.50\nCake      1     3.50\nCoffee    1     2.50\nTea       1     2.00\nCoffee    1     2.50";
  const items = [["Coffee", 1, 2.5], ["Cake", 1, 3.5], ["Coffee", 1, 2.5], ["Tea", 1, 2], ["Coffee", 1, 2.5]];
  const places = search(text, items.flatMap(([name, quantity, price], at) => [field(`/items/${at}/name`, name), field(`/items/${at}/qty`, quantity), field(`/items/${at}/price`, price)]));
  items.forEach((_, at) => assert.deepEqual(["name", "qty", "price"].map((column) => rowOf(places.get(`/items/${at}/${column}`)[0])), [at + 1, at + 1, at + 1]));
});

test("a party's name is below that party's heading", () => {
  const places = search(INVOICE, [field("/buyer/name", "Calder Vale Clinics LLP"), field("/ship_to/name", "Calder Vale Clinics LLP")]);
  const [buyer, delivery] = ["/buyer/name", "/ship_to/name"].map((path) => places.get(path)[0].boxes[0][0]);
  assert.ok(buyer < 0.1 && delivery > 0.3, `${buyer} ${delivery}`);
});

test("a misread code is found by what looks alike", () => {
  const [place] = search(INVOICE, [field("/seller/postcode", "LS11 5O2")]).get("/seller/postcode");
  assert.deepEqual([place.text, place.match], ["LS11 502", "alike"]);
});

test("a misread value of a row is expected where it was read from", () => {
  const misread = ITEMS.map((item) => [...item]);
  misread[1][2] = 1857;
  misread[2][3] = 1237.05;
  const places = search(INVOICE, rows(misread));
  for (const [path, row, text] of [["/items/1/unit_price", 11, "1,875.00"], ["/items/2/amount", 12, "1,137.00"]]) {
    const [place] = places.get(path);
    assert.deepEqual([rowOf(place), place.text, place.match], [row, text, "expected"]);
  }
  assert.equal(places.get("/items/3/amount")[0].match, "exact");
});

test("a misread date is expected beside its label, unless another field has found that date", () => {
  const fields = [field("/issue_date", "2026-05-11", "date"), field("/due_date", "2026-06-19", "date")];
  const [place] = search(INVOICE, fields).get("/due_date");
  assert.deepEqual([place.text, place.match], ["10 June 2026", "expected"]);
  const others = search("Date 11 May 2026", fields).get("/due_date");
  assert.deepEqual(others, []);
});

test("a text over two lines has a box for each", () => {
  const [place] = search("Unit 6, Dye Works Lane\nLeeds", [field("/street", "Unit 6, Dye Works Lane, Leeds")]).get("/street");
  assert.equal(place.boxes.length, 2);
});

test("places are told with their page and document", () => {
  const index = new WordIndex();
  for (const page of [1, 2]) index.add({ ...laidOut(page === 2 ? "Total 8,410.62" : "Terms", page), document: "invoice" });
  const [place] = findPlaces(index, [field("/total", 8410.62)]).get("/total");
  assert.deepEqual([place.document, place.page], ["invoice", 2]);
});

test("a value that is everywhere has at most twenty places", () => {
  const text = Array.from({ length: 60 }, () => "Price 25.00 and 25.00").join("\n");
  assert.equal(search(text, [field("/price", 25)]).get("/price").length, LIMITS.places);
});

test("a page is taken in once, and only as many as are allowed", () => {
  const index = new WordIndex();
  assert.ok(index.add(laidOut("one", 1)));
  assert.ok(!index.add(laidOut("one", 1)));
  for (let page = 2; page <= WORDS.pages; page += 1) assert.ok(index.add(laidOut("one", page)));
  assert.ok(!index.add(laidOut("one", WORDS.pages + 1)));
  const large = new WordIndex();
  large.add({ page: 1, words: Array.from({ length: WORDS.wordsOfPage + 5 }, () => ({ text: "word", box: [0, 0, 0.1, 0.01] })) });
  assert.equal(large.words.length, WORDS.wordsOfPage);
});

test("words that are no words are left out", () => {
  const index = new WordIndex();
  index.add({ page: 1, words: [{ text: 5, box: [0, 0, 1, 1] }, { text: "x" }, { text: "y", box: [0, NaN, 1, 1] }, { text: "Total", box: [0, 0, 0.1, 0.01] }] });
  assert.deepEqual(index.words.map(({ text }) => text), ["Total"]);
});

// Hostile pages: counted in steps, not in time, by a value that would need more than are allowed.
test("a text that almost matches everywhere is not found", () => {
  const page = laidOut(Array.from({ length: 100 }, () => "a ".repeat(100)).join("\n"));
  const index = new WordIndex();
  index.add(page);
  const places = findPlaces(index, [field("/x", `${"a ".repeat(600)}b`)]).get("/x");
  assert.deepEqual(places.filter(({ match }) => match !== "partial"), []);
});

test("a page that was scanned askew has the same rows", () => {
  const page = laidOut(INVOICE);
  // Two degrees: over the width of the page that is two lines.
  for (const word of page.words) word.box = [word.box[0], word.box[1] + (word.box[0] + word.box[2] / 2) * 0.035 * (595 / 842), word.box[2], word.box[3]];
  const index = new WordIndex();
  index.add(page);
  const places = findPlaces(index, rows(ITEMS));
  const straight = search(INVOICE, rows(ITEMS));
  for (const [path, [place]] of straight) {
    const words = (of) => page.words.findIndex(({ text, box }) => of.text.startsWith(text) && Math.abs(box[0] - of.boxes[0][0]) < 1e-9);
    assert.equal(places.get(path)[0].text, place.text, path);
    assert.ok(words(places.get(path)[0]) >= 0);
  }
  const [first, last] = ["/items/0/amount", "/items/4/amount"].map((path) => places.get(path)[0].boxes[0]);
  assert.ok(Math.abs(first[0] - last[0]) < 0.05 && first[1] < last[1]);
});

test("a name is found in the other spelling of its umlauts, and that is said", () => {
  const [place] = search("Firma Mueller & Soehne", [field("/name", "Müller & Söhne")]).get("/name");
  assert.deepEqual([place.text, place.match], ["Mueller & Soehne", "alike"]);
  assert.deepEqual(search("Herr Baur", [field("/name", "Bauer")]).get("/name").filter(({ match }) => match === "exact"), []);
});
