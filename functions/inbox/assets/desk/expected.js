// Where a value would have to be that is not on the pages: it was read with a fault, and this is what it was read from.
//
// In a table it is in its row and below the others of its column; elsewhere beside its label. Only another value of its kind that
// no other field has found is taken for it.

import { nearness, isOthers, occurrences } from "./rank.js";
import { candidate } from "./search.js";
import { firstFrom } from "./words.js";

/** How near its label an expected place has to be. */
const NEAR = 0.72;
/** With more places beside its label than this, none is expected. */
const MANY = 3;

/** What kind of value stands at a word: all of it, as a candidate; none if it is of another kind than `meaning`. */
function valueAt(index, word, meaning) {
  const words = meaning.dates?.length > 0 ? index.dated.get(word.id) : meaning.number ? index.numbered.get(word.id)?.words : codeAt(index, word, meaning);
  return words ? candidate(words, "expected", 0.8) : null;
}

// "LS11 502": as many words as the value has, of about its length.
function codeAt(index, word, { text, whole }) {
  if (!text || whole.length < 4 || whole.length > 40 || !/\d/.test(whole)) return null;
  const words = [];
  let length = 0;
  for (let next = word; next && length < whole.length && words.length < 6; next = index.after(next)) {
    if (words.length > 0 && next.left - words.at(-1).right > 1.1 * next.height) break;
    words.push(next);
    length += next.tokens.join("").length;
  }
  const isAlike = Math.abs(length - whole.length) <= 1 + whole.length / 6 && words.some(({ text: printed }) => /\d/.test(printed));
  return isAlike ? words : null;
}

/** The place beside a field's label; none if there is no such, or only what others have found. */
export function besideLabel(index, labels, at, meaning, taken) {
  const all = new Map();
  const isText = !meaning.number && !(meaning.dates?.length > 0);
  for (let page = 0; page < index.pages.length; page += 1) {
    for (const { occurrence, weight } of occurrences(labels, page, labels.names[at].phrases)) {
      if (weight < NEAR) continue;
      for (const word of around(index, occurrence)) {
        const found = taken.has(word.id) ? null : valueAt(index, word, meaning);
        if (!found || found.words.some(({ id }) => taken.has(id)) || found.words.some((of) => occurrence.words.includes(of))) continue;
        found.label = weight * nearness(index, occurrence, found, isText);
        if (found.label < NEAR || isOthers(index, labels, found, labels.names[at].phrases)) continue;
        found.score = 0.2 + 0.5 * found.label;
        if (!(all.get(word.id)?.label >= found.label)) all.set(word.id, found);
      }
    }
    // A label that is on every line says nothing of one of them.
    if (all.size > MANY) return null;
  }
  return [...all.values()].sort((one, other) => other.label - one.label)[0] ?? null;
}

/** The words behind a label on its line, and those directly below it. */
function* around(index, label) {
  const { words, row } = index.lines[label.line];
  yield* words.slice(label.lastPlace + 1, label.lastPlace + 12);
  const lines = index.pages[label.page].lines;
  for (let next = row + 1; next < lines.length && next <= row + 4 && lines[next].middle - index.lines[label.line].middle < 3 * label.height; next += 1) {
    const from = firstFrom(lines[next].words, label.left - 2 * label.height);
    yield* lines[next].words.slice(from, from + 6);
  }
}

/**
 * The place in a row, on its line, below or above the places that others of its column have (`column`, candidates).
 * Numbers stand below each other on the right, or on the left.
 */
export function inRow(index, line, column, meaning, taken) {
  if (line === null || line === undefined || column.length === 0) return null;
  const [right, left] = [column.map((found) => found.right), column.map((found) => found.left)].map(middle);
  const { words } = index.lines[line];
  const from = firstFrom(words, Math.min(left, right - 0.2) - 0.02);
  let best = null;
  for (const word of words.slice(from, from + 40)) {
    const found = taken.has(word.id) ? null : valueAt(index, word, meaning);
    if (!found || found.words.some(({ id }) => taken.has(id))) continue;
    const away = Math.min(Math.abs(found.right - right), Math.abs(found.left - left)) / found.height;
    if (away > 1.2 || away >= (best?.away ?? Infinity)) continue;
    best = Object.assign(found, { away, row: 1, score: 0.7 - 0.1 * away });
  }
  return best;
}

/** A number on its row's own line; none if it is no number, or another. */
export function onLine(index, line, meaning, taken) {
  if (!meaning?.number || line === null || line === undefined) return null;
  for (const word of index.lines[line].words.slice(0, 60)) {
    const seen = index.numbered.get(word.id);
    if (!seen || taken.has(word.id) || !seen.sizes.includes(meaning.number.replace("-", ""))) continue;
    taken.add(word.id);
    return Object.assign(candidate(seen.words, "exact", 0), { row: 1, score: 2 });
  }
  return null;
}

const middle = (values) => [...values].sort((one, other) => one - other)[values.length >> 1];
