// How many values are found, and at the right place, on documents of several makers: run by scripts/places.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { WordIndex, findPlaces } from "../../functions/inbox/assets/desk/places.js";
import { documents } from "./documents.mjs";

const [root, verbose] = process.argv.slice(2);
const unescaped = (text) => text.replace(/&(amp|lt|gt|quot|apos|#39);/g, (_, name) => ({ amp: "&", lt: "<", gt: ">", quot: '"' })[name] ?? "'");

/** The words of a PDF as `pdftotext -bbox` gives them. */
function pagesOf(file) {
  const html = execFileSync("pdftotext", ["-bbox", file, "-"], { encoding: "utf8", maxBuffer: 1 << 28 });
  return html.split("<page ").slice(1).map((part, at) => {
    const [, width, height] = /width="([\d.]+)" height="([\d.]+)"/.exec(part).map(Number);
    const words = [...part.matchAll(/<word xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)" yMax="([-\d.]+)">(.*?)<\/word>/gs)].map(([, left, top, right, bottom, text]) => (
      { text: unescaped(text), box: [left / width, top / height, (right - left) / width, (bottom - top) / height] }));
    return { page: at + 1, width, height, words };
  });
}

/** The words of a PDF as our own renderer gives them: `PAGE` is the binary `page`, or `holdpoint`, which is its own child. */
function pagesOfOurs(file) {
  const document = readFileSync(file);
  const pages = [];
  for (let page = 1; page <= (pages[0]?.pages ?? 1); page += 1) {
    const job = Buffer.from(JSON.stringify({ page, mime_type: "application/pdf", picture: null }));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(job.length);
    const answer = execFileSync(process.env.PAGE, ["render-one-page"], { input: Buffer.concat([length, job, document]), maxBuffer: 1 << 28, env: {} });
    pages.push(JSON.parse(answer.subarray(4, 4 + answer.readUInt32LE(0))).page);
  }
  return pages;
}

/** The same page as if it lay askew on the scanner, by `SKEW` degrees. What is right is judged on the page as it was. */
function askew(page) {
  const [turn, aspect] = [(Number(process.env.SKEW ?? 0) * Math.PI) / 180, page.height / page.width];
  if (turn === 0) return page;
  const words = page.words.map(({ text, box: [left, top, width, height] }) => {
    const [x, y] = [left + width / 2 - 0.5, (top + height / 2 - 0.5) * aspect];
    const [u, v] = [x * Math.cos(turn) - y * Math.sin(turn) + 0.5, (x * Math.sin(turn) + y * Math.cos(turn)) / aspect + 0.5];
    // A box around a slanted word is higher than the word.
    const high = height + (width * Math.abs(Math.sin(turn))) / aspect;
    return { text, box: [u - width / 2, v - high / 2, width, high] };
  });
  return { ...page, words };
}

/** Places on a page that lies askew, as they are on the page as it was. */
function straight(pages, places) {
  if (!process.env.SKEW) return places;
  const turned = pages.map((page) => askew(page).words);
  for (const place of [...places.values()].flat()) {
    const page = place.page - 1;
    const at = turned[page].findIndex(({ text, box }) => Math.abs(box[0] - place.boxes[0][0]) < 1e-9 && place.text.startsWith(text));
    if (at >= 0) place.boxes = [pages[page].words[at].box];
  }
  return places;
}

/** The words of a page that are beside a place, as one text. */
function lineOf(pages, place) {
  const [, top, , height] = place.boxes[0];
  const middle = top + height / 2;
  const words = pages[place.page - 1].words.filter(({ box }) => Math.abs(box[1] + box[3] / 2 - middle) < Math.max(box[3], height) * 0.5);
  return words.sort((one, other) => one.box[0] - other.box[0]).map(({ text }) => text).join(" ");
}

function isRight(pages, field, places, place) {
  if (!place || !field.on.test(lineOf(pages, place))) return false;
  if (field.nth === undefined) return true;
  const beside = places.filter((other) => other.page === place.page && lineOf(pages, other) === lineOf(pages, place));
  return beside.sort((one, other) => one.boxes[0][0] - other.boxes[0][0]).at(field.nth) === place;
}

/** The value with one digit read wrong; none for texts without digits. */
function alteredOf({ kind, value }) {
  const text = String(value);
  const at = text.search(/[1-9](?=\D*$)/);
  if (at < 0 || (kind === "text" && text.length > 40)) return null;
  const changed = `${text.slice(0, at)}${kind === "date" ? (Number(text[at]) % 8) + 1 : (Number(text[at]) % 9) + 1}${text.slice(at + 1)}`;
  return typeof value === "number" ? Number(changed) : changed;
}

const altered = new Map();
const makers = new Map();
const all = documents(root);
let [strange, strangeFound] = [0, 0];
for (const document of all) {
  const pages = (process.env.PAGE ? pagesOfOurs : pagesOf)(document.file);
  const start = performance.now();
  const index = new WordIndex();
  for (const page of pages) index.add(askew(page));
  const places = straight(pages, findPlaces(index, document.fields));
  const spent = performance.now() - start;
  const sum = makers.get(document.maker) ?? { tuned: document.tuned, files: 0, pages: 0, fields: 0, found: 0, right: 0, listed: 0, wrong: 0, spent: 0 };
  makers.set(document.maker, sum);
  sum.files += 1;
  sum.pages += pages.length;
  sum.spent += spent;
  for (const field of document.fields) {
    const of = places.get(field.path) ?? [];
    sum.fields += 1;
    if (of.length > 0) sum.found += 1;
    const right = isRight(pages, field, of, of[0]);
    if (right) sum.right += 1;
    else if (of.some((place) => isRight(pages, field, of, place))) sum.listed += 1;
    if (of.length > 0 && !right) sum.wrong += 1;
    if (verbose && !right) {
      console.log(`${document.file.split("/").at(-1)} ${field.path} ${JSON.stringify(field.value)}: ${of.length === 0 ? "not found" : `at "${lineOf(pages, of[0]).slice(0, 90)}" (${of[0].text}, ${of.length} places)`}`);
      if (verbose === "scores") for (const place of of.slice(0, 4)) console.log("   ", place.score.toFixed(2), place.match, lineOf(pages, place).slice(0, 90));
    }
  }
  // Values of other makers' documents, which are not on these pages.
  const text = pages.flatMap(({ words }) => words.map((word) => word.text)).join("").toLowerCase();
  const others = all.filter(({ maker }) => maker !== document.maker).flatMap(({ fields }) => fields).filter(({ value }) => !text.includes(String(value).replace(/\s/g, "").toLowerCase())).slice(0, 500);
  const unwanted = findPlaces(index, others.map((field, at) => ({ ...field, path: `${field.path.replace(/\/\d+\//g, "/")}_${at}` })));
  strange += others.length;
  others.forEach((field, at) => {
    const [place] = unwanted.get(`${field.path.replace(/\/\d+\//g, "/")}_${at}`);
    const isFound = place && place.match !== "expected";
    if (isFound) strangeFound += 1;
    if (isFound && verbose === "strange") console.log(document.file.split("/").at(-1), field.path, JSON.stringify(field.value), "→", place.text, place.match, place.score.toFixed(2));
  });
  const misread = document.fields.flatMap((field, at) => (alteredOf(field) === null ? [] : [at]));
  for (const at of misread) {
    const fields = document.fields.map((field, of) => (of === at ? { ...field, value: alteredOf(field) } : field));
    const found = findPlaces(index, fields).get(fields[at].path);
    const kind = found[0]?.match ?? "none";
    const key = kind === "none" ? "none" : `${kind} ${isRight(pages, { ...fields[at], nth: undefined }, found, found[0]) ? "right" : "wrong"}`;
    altered.set(key, (altered.get(key) ?? 0) + 1);
    if (verbose === "altered" && key.endsWith("wrong")) console.log(document.file.split("/").at(-1), fields[at].path, fields[at].value, "→", key, found[0].text, "|", lineOf(pages, found[0]).slice(0, 80));
  }
  if (process.env.PLACES_OUT) writeFileSync(join(process.env.PLACES_OUT, `${document.file.split("/").at(-1)}.json`), JSON.stringify({ file: document.file, fields: document.fields.map(({ path }) => ({ path, places: places.get(path) })) }));
}

const share = (part, whole) => `${((100 * part) / whole).toFixed(1)} %`;
const row = (name, { files, fields, found, right, listed, wrong, spent, pages }) =>
  console.log(`| ${name} | ${files} | ${fields} | ${share(found, fields)} | ${share(right, fields)} | ${listed} | ${wrong} | ${(spent / pages).toFixed(1)} |`);
const total = (rows) => rows.reduce((sum, of) => Object.fromEntries(Object.keys(of).map((key) => [key, (sum[key] ?? 0) + (Number(of[key]) || 0)])), {});
for (const isTuned of [true, false]) {
  console.log(`\n${isTuned ? "Tuned on" : "Not tuned on"}\n| maker | files | fields | found | first place right | right one listed later | first place wrong | ms a page |\n|---|---|---|---|---|---|---|---|`);
  const rows = [...makers].filter(([, { tuned }]) => Boolean(tuned) === isTuned);
  for (const [name, of] of rows) row(name, of);
  row("all", total(rows.map(([, of]) => of)));
}
console.log(`\n${strangeFound} of ${strange} values of other documents were found although they are not printed in that spelling.`);
console.log(`With one digit read wrong, of ${[...altered.values()].reduce((sum, count) => sum + count, 0)} values: ${[...altered].map(([key, count]) => `${key} ${count}`).join(", ")}.`);
