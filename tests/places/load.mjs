// How long the largest documents take: node tests/places/load.mjs
import { WordIndex, findPlaces } from "../../functions/inbox/assets/desk/places.js";

const NAMES = ["Treatment couch", "Reception desk", "Task chair", "Waiting bench", "Delivery", "Removal", "Oak post", "Brace"];

function load(name, pages, lines, fields, columns = 8) {
  const index = new WordIndex();
  const start = performance.now();
  for (let page = 1; page <= pages; page += 1) {
    const words = [];
    for (let line = 0; line < lines; line += 1) {
      for (let column = 0; column < columns; column += 1) {
        const text = column < 3 ? NAMES[(line + column) % NAMES.length].split(" ")[column % 2] ?? "of" : `${(page * line * column) % 9973},${String(line % 100).padStart(2, "0")}`;
        words.push({ text, box: [0.05 + (0.9 * column) / columns, 0.02 + (0.96 * line) / lines, 0.6 / columns, 0.6 / lines] });
      }
    }
    index.add({ page, width: 595, height: 842, words });
  }
  const indexed = performance.now();
  const places = findPlaces(index, fields);
  const done = performance.now();
  const found = [...places.values()].filter((of) => of.length > 0).length;
  console.log(`${name}: ${index.words.length} words, index ${(indexed - start).toFixed(0)} ms; ${fields.length} fields, ${(done - indexed).toFixed(0)} ms, ${found} found`);
}

const amounts = (count, page) => Array.from({ length: count }, (_, at) => ({ path: `/items/${at >> 2}/c${at % 4}`, label: "Amount", kind: "number", value: Number(`${(page * (at >> 2) * (3 + (at % 4))) % 9973}.${String((at >> 2) % 100).padStart(2, "0")}`) }));
load("an invoice", 1, 60, amounts(60, 1));
load("500 rows on 10 pages", 10, 60, amounts(2000, 3));
load("300 pages", 300, 60, amounts(200, 7));
load("300 pages, 2,000 fields", 300, 60, amounts(2000, 7));
load("20,000 words on a page", 1, 1000, amounts(2000, 1), 20);
const same = Array.from({ length: 2000 }, (_, at) => ({ path: `/x/${at}`, label: "a a a", kind: "text", value: `${"a ".repeat(900)}b` }));
const hostile = (name, words, fields) => {
  const index = new WordIndex();
  const start = performance.now();
  index.add({ page: 1, words });
  const indexed = performance.now();
  findPlaces(index, fields);
  console.log(`${name}: index ${(indexed - start).toFixed(0)} ms, ${fields.length} fields ${(performance.now() - indexed).toFixed(0)} ms`);
};
hostile("20,000 times the same word, long values", Array.from({ length: 20_000 }, (_, at) => ({ text: "a", box: [(at % 200) / 200, Math.floor(at / 200) / 100, 0.004, 0.009] })), same);
hostile("20,000 times one number on one line", Array.from({ length: 20_000 }, (_, at) => ({ text: "123", box: [at / 20_000, 0.5, 0.00004, 0.01] })), Array.from({ length: 2000 }, (_, at) => ({ path: `/x/${at}`, label: "Amount", kind: "number", value: 123 })));
hostile("20,000 labels on each other", Array.from({ length: 20_000 }, () => ({ text: "Total", box: [0.1, 0.5, 0.1, 0.01] })), Array.from({ length: 2000 }, (_, at) => ({ path: `/total_${at}`, label: "Total", kind: "number", value: 5 })));
hostile("words of 200 signs", Array.from({ length: 20_000 }, (_, at) => ({ text: "1,".repeat(100), box: [0.1, at / 20_000, 0.1, 0.01] })), Array.from({ length: 200 }, (_, at) => ({ path: `/t/${at}`, label: "Total", kind: "text", value: "1,".repeat(900) })));
