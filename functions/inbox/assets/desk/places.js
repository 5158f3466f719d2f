// Where the values of fields stand on pages: all places of each value, the likeliest first. Pure: knows no page and no network.
//
// `words.js` indexes the words once; `search.js` finds the places of a value by what it means; `rank.js` and `rows.js` say which
// is likelier. All of it is bounded, and linear in words and in fields.

import { besideLabel, inRow, onLine } from "./expected.js";
import { findLabels, nearness, scoreByLabels, scoreByNeighbours } from "./rank.js";
import { scoreRows } from "./rows.js";
import { LIMITS as SEARCH, candidate, meaningOf, search } from "./search.js";
import { WordIndex } from "./words.js";

export { WordIndex };

/** Fields of one run, and places of one field, at most. */
export const LIMITS = { fields: 2000, places: 20 };

const YES = /^(?:yes|ja|oui|s[ií]|y|j|true|wahr|vrai|[x×✓✔☑☒■●])$/iu;
const NO = /^(?:no|nein|non|nee|n|false|falsch|faux|[☐□○])$/iu;
// A value of one or two characters is all over a page: it needs its label, or its row.
const NEAR = 0.45;
/** Or its neighbours: "OR" between a city and its postcode. */
const BESIDE = 0.85;

/**
 * The places of fields: `Map(path → [{document, page, boxes, match, score, isLabelled}])`.
 *
 * `fields` is a list of `{path, label, kind, value}`: a JSON Pointer, what the desk shows, its `data-kind`, the value as JSON has it.
 * `boxes` has one `[left, top, width, height]` for each line. `match`: `exact`; `alike`, where letters and digits that machines
 * confuse differ; `partial`, most words of a text; `expected`, another value, where this one would have to be.
 */
export function findPlaces(index, fields) {
  const sought = fields.slice(0, LIMITS.fields);
  const labels = findLabels(index, sought);
  const meanings = sought.map(meaningOf);
  const run = { steps: SEARCH.stepsOfRun };
  const all = sought.map((_, at) => candidatesOf(index, labels, meanings[at], at, run));
  const tables = tablesOf(sought, all);
  for (const table of tables) table.lines = scoreRows(table.rows, (id) => index.lines[id]);
  scoreByNeighbours(neighboursOf(sought, all));
  const kept = all.map((candidates) => candidates.filter((found) => found.label >= NEAR || found.row >= 0.5 || found.neighbours >= BESIDE || !(found.isWeak || isShort(found))));
  for (const candidates of kept) candidates.sort((one, other) => other.score - one.score);
  withoutOtherRows(tables, kept);
  expect(index, labels, meanings, tables, kept);
  return new Map(sought.map(({ path }, at) => [path, kept[at].slice(0, LIMITS.places).map((found) => placeOf(index, found))]));
}

function candidatesOf(index, labels, meaning, at, run) {
  if (!meaning) return [];
  const candidates = meaning.isYes === undefined ? search(index, meaning, run) : marks(index, labels, at, meaning.isYes);
  scoreByLabels(index, labels, at, candidates, !meaning.number && !(meaning.dates?.length > 0));
  return candidates.sort((one, other) => other.score - one.score);
}

/** Leaves out of a row what stands on the line of another row and is that row's value: this one was read with a fault. */
function withoutOtherRows(tables, kept) {
  for (const { fields, lines } of tables) {
    const owners = new Map();
    for (const { at, row } of fields) if (kept[at][0]?.row === 1) owners.set(kept[at][0].words[0].id, row);
    for (const { at, row } of fields) {
      if (lines[row] === null || kept[at][0]?.row >= 0.5) continue;
      kept[at] = kept[at].filter(({ words }) => (owners.get(words[0].id) ?? row) === row);
    }
  }
}

/** Adds the place where a value would have to be, for those that were not found. */
function expect(index, labels, meanings, tables, kept) {
  const taken = new Set(kept.flatMap(([best]) => (best && best.match !== "partial" ? best.words.map(({ id }) => id) : [])));
  const isMissing = (at) => kept[at].length === 0 && meanings[at] !== null && meanings[at].isYes === undefined;
  const inTables = new Set();
  for (const { fields, lines } of tables) {
    const columns = new Map();
    for (const { at, column } of fields) {
      inTables.add(at);
      const [best] = kept[at];
      if (best?.row === 1 && best.match === "exact") columns.set(column, [...(columns.get(column) ?? []), best]);
    }
    for (const { at, row } of fields) {
      // A number that is everywhere has more places than are looked at: that on its row's line counts.
      const found = kept[at][0]?.row === 1 ? null : onLine(index, lines[row], meanings[at], taken);
      if (found) kept[at].unshift(found);
    }
    for (const { at, column, row } of fields) {
      const found = isMissing(at) && inRow(index, lines[row], columns.get(column) ?? [], meanings[at], taken);
      if (found) kept[at].push(found);
    }
  }
  for (let at = 0; at < kept.length; at += 1) {
    const found = isMissing(at) && !inTables.has(at) && besideLabel(index, labels, at, meanings[at], taken);
    if (found) kept[at].push(found);
  }
}

/** One or two characters as they are printed: "60,00" says more than "60", and "6JE" no more than "6". */
function isShort({ words }) {
  const text = words.map(({ text: printed }) => printed).join(" ").replace(/[^\p{L}\p{N}☒☑✓✔ ]/gu, "");
  return text.length <= 2 || /^\d{1,2}\p{L}{1,4}$/u.test(text);
}

/** Words and signs that say yes or no, beside the field's label. */
function marks(index, labels, at, isYes) {
  const found = new Map();
  for (const { page, document } of index.pages.map((page, of) => ({ page: of, document: page.document }))) {
    for (const phrase of labels.names[at].phrases.keys()) {
      for (const label of labels.byPhrase.get(`${page} ${phrase}`) ?? []) {
        const { words } = index.lines[label.line];
        for (const word of words.slice(Math.max(0, label.firstPlace - 2), label.lastPlace + 9)) {
          const text = word.text.replace(/^[[(]|[\])]$/g, "");
          if (!(isYes ? YES : NO).test(text) || label.words.includes(word)) continue;
          const near = candidate([word], "exact", 0);
          if (nearness(index, label, near) > 0.2 && !found.has(word.id)) found.set(word.id, { ...near, document });
        }
      }
    }
    if (found.size >= 100) break;
  }
  return [...found.values()];
}

// ── which fields belong together ─────────────────────────────────────────────────────────────────────────────────────────────

/** The row that a path is in: `/items/3/price` is column `price` of row 3 of `/items`; none if it is in no table. */
function rowOf(path) {
  const keys = path.split("/");
  const at = keys.findLastIndex((key) => /^\d{1,6}$/.test(key));
  if (at < 1) return null;
  return { table: keys.slice(0, at).join("/"), row: Number(keys[at]), column: keys.slice(at + 1).join("/") };
}

/** The tables: their rows in order, and of each field its row's place, its column and its place among all fields. */
function tablesOf(fields, all) {
  const tables = new Map();
  fields.forEach(({ path }, at) => {
    const of = rowOf(path);
    if (!of) return;
    const rows = tables.get(of.table) ?? new Map();
    tables.set(of.table, rows);
    const row = rows.get(of.row) ?? [];
    rows.set(of.row, row);
    row.push({ at, column: of.column, candidates: all[at] });
  });
  return [...tables.values()].map((unordered) => {
    const rows = [...unordered].sort(([one], [other]) => one - other).map(([, row]) => row);
    return { rows, fields: rows.flatMap((row, place) => row.map(({ at, column }) => ({ at, column, row: place }))) };
  });
}

function neighboursOf(fields, all) {
  const groups = new Map();
  fields.forEach(({ path }, at) => {
    const parent = path.slice(0, path.lastIndexOf("/"));
    if (parent === "" || rowOf(path) || all[at].length === 0) return;
    const group = groups.get(parent) ?? [];
    groups.set(parent, group);
    group.push(all[at]);
  });
  return [...groups.values()];
}

// ── the answer ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

function placeOf(index, { words, page, match, score, label, row }) {
  const { page: number, document } = index.pages[page];
  const lines = new Map();
  for (const word of words) {
    const [left, top, width, height] = word.box;
    const box = lines.get(word.line) ?? [left, top, left + width, top + height];
    lines.set(word.line, [Math.min(box[0], left), Math.min(box[1], top), Math.max(box[2], left + width), Math.max(box[3], top + height)]);
  }
  const boxes = [...lines.values()].map(([left, top, right, bottom]) => [left, top, right - left, bottom - top]);
  return { document, page: number, boxes, match, score, isLabelled: label >= NEAR || row >= 1, text: words.map((word) => word.text).join(" ").slice(0, 500) };
}
