// Where one value can be read on pages, by what it means. Does not know labels: `rank.js` says which place is likelier.

import { dateValue } from "./dates.js";
import { decimal, readNumber, sameSize } from "./numbers.js";
import { likeness, tokensOf } from "./words.js";

/** What one search looks at, at most. */
export const LIMITS = { value: 2000, starts: 400, steps: 4000, stepsOfRun: 200_000, numbers: 600, candidates: 120 };

/** A place where a value can be read; `cost` (0 to 1) says how far it is from being exactly that. */
export function candidate(words, match, cost) {
  const first = words[0];
  const page = first.page;
  let [left, right, top, bottom] = [first.left, first.right, first.top, first.bottom];
  for (const word of words) {
    left = Math.min(left, word.left);
    right = Math.max(right, word.right);
    top = Math.min(top, word.top);
    bottom = Math.max(bottom, word.bottom);
  }
  return { words, page, match, cost, left, right, top, bottom, height: first.height, line: first.line, score: 0 };
}

const RATE = /rate|percent|pct|%|share|satz|anteil|quote|taux|tarif|tipo|discount|rabatt|skonto|remise|korting|descuento/i;

/** What a field's value can mean: `{text, number, isRate, dates, isYes}`; none if there is nothing to look for. */
export function meaningOf({ path, label, kind, value }) {
  if (value === null || value === undefined || value === "" || typeof value === "object") return null;
  if (typeof value === "boolean") return { isYes: value };
  const text = String(value).slice(0, LIMITS.value).trim();
  if (kind === "yesno" && /^(true|false)$/i.test(text)) return { isYes: /^true$/i.test(text) };
  const tokens = atMost(tokensOf(text), 3000);
  const whole = tokens.join("");
  if (whole === "") return null;
  const dates = dateValue(text);
  const number = dates.length > 0 ? null : numberOf(text, kind, typeof value);
  const isAmount = number !== null && !/^\d{5,}$/.test(text);
  return {
    text: isAmount || (dates.length > 0 && /^\d{4}-\d\d-\d\d/.test(text)) ? null : text, tokens, whole, dates, number,
    // 0.19 is printed as 19 % only where a rate is meant.
    isRate: RATE.test(`${label ?? ""} ${path.slice(path.lastIndexOf("/"))}`) };
}

function atMost(tokens, length) {
  let sum = 0;
  const end = tokens.findIndex((token) => (sum += token.length) > length);
  return end < 0 ? tokens : tokens.slice(0, end);
}

function numberOf(text, kind, type) {
  if (kind === "date" || text.length > 60) return null;
  const exact = decimal(text);
  if (exact !== null) return /^[+-]?0\d/.test(text) && type !== "number" && kind !== "number" ? null : exact;
  // "1,249.90 EUR" and "€5" as texts; not "1,249", which may be two numbers, nor "FR12345".
  const read = readNumber(text);
  if (read?.readings.length !== 1) return null;
  return read.readings[0].sign !== null || /[€$£¥%]/.test(text) ? read.readings[0].number : null;
}

/** All places of that meaning, at most 120, those that cost least first. `run.steps` is what all searches of a run may still take. */
export function search(index, meaning, run) {
  const found = [];
  if (meaning.number) found.push(...numbers(index, meaning));
  for (const date of meaning.dates ?? []) found.push(...dates(index, date));
  if (meaning.text && !meaning.number) found.push(...texts(index, meaning, "exact", run));
  else if (meaning.text && found.length === 0) found.push(...texts(index, meaning, "exact", run));
  if (found.length === 0 && meaning.text && isCode(meaning)) found.push(...texts(index, meaning, "alike", run));
  if (found.length === 0 && meaning.text) found.push(...parts(index, meaning));
  const seen = new Set();
  return found
    .sort((one, other) => one.cost - other.cost)
    .filter(({ words }) => !seen.has(words[0].id) && seen.add(words[0].id))
    .slice(0, LIMITS.candidates);
}

/** Whether a text may be spelled in another way: codes, and names with umlauts. */
const isCode = ({ whole, text }) => whole.length >= 4 && whole.length <= 60 && (/\d/.test(whole) || /[äöü]|[aou]e/i.test(text));

function numbers(index, { number, isRate }) {
  const size = number.replace("-", "");
  const found = [];
  for (const seen of (index.numbers.get(size) ?? []).slice(0, LIMITS.numbers)) {
    let cost = 0;
    if (seen.isShare && !(isRate && Number(size) <= 1)) continue;
    if (seen.number !== number && sameSize(seen.number, number)) cost += number.startsWith("-") ? 0.15 : 0.3;
    const contrary = readingCost(index, seen);
    if (contrary === null) continue;
    if (seen.words.length === 1 && index.grouped.has(seen.words[0].id)) cost += 0.35;
    found.push(candidate(seen.words, "exact", Math.min(1, cost + contrary)));
  }
  return found;
}

/** What a reading costs that takes a decimal sign for granted which these pages do not use; none if they clearly use the other. */
function readingCost(index, { of, sign }) {
  if (of < 2 || sign === null) return 0;
  const [mine, others] = [index.decimalSigns[sign], index.decimalSigns[sign === "," ? "." : ","]];
  if (mine + others === 0) return 0.15;
  if (mine > 3 * others) return 0;
  if (others > 3 * mine) return others >= 3 ? null : 0.5;
  return 0.2;
}

function dates(index, date) {
  const found = [];
  for (const { words, order, of } of (index.dates.get(date) ?? []).slice(0, 500)) {
    let cost = 0;
    if (of > 1 && order) {
      const mine = index.orders[order];
      const others = index.orders.dmy + index.orders.mdy + index.orders.ymd - mine;
      cost = order === "ymd" && mine === 0 ? 0.35 : mine > others ? 0 : others > mine ? 0.4 : 0.1;
    }
    found.push(candidate(words, "exact", cost));
  }
  return found;
}

// ── texts ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

function texts(index, { text, tokens, whole }, match, run) {
  const form = match === "alike" ? likeness : (token) => token;
  const known = match === "alike" ? index.alikeTokens() : index.tokens;
  const sought = { text, match, form, whole: tokens.map(form).join(""), ends: new Set(), isDigits: /^\d+$/.test(whole) };
  let end = 0;
  for (const token of tokens) sought.ends.add((end += form(token).length));
  const found = [];
  const budget = { steps: Math.min(LIMITS.steps, run.steps) };
  run.steps -= budget.steps;
  let starts = 0;
  for (let length = Math.min(sought.whole.length, 60); length > 0 && starts < LIMITS.starts; length -= 1) {
    if (length === 1 && !sought.ends.has(1)) break;
    for (const { word, at } of known.get(sought.whole.slice(0, length)) ?? []) {
      starts += 1;
      if (starts > LIMITS.starts || budget.steps <= 0) break;
      const way = follow(index, sought, budget, word, at);
      if (way) found.push(way);
    }
  }
  run.steps += budget.steps;
  if (found.length === 0 && sought.beginning) found.push(candidate(listed(sought.beginning.last), "partial", 1 - 0.6 * (sought.beginning.length / sought.whole.length)));
  return found;
}

/** Follows a text from one token on, over words and lines. Ways that failed are not tried twice, so this is never exponential. */
function follow(index, sought, budget, first, from) {
  const failed = new Set();
  // `before` is the way so far: its last word and the way before that.
  const go = (word, at, position, before, cost) => {
    const key = word.id * 4096 + position;
    if (failed.has(key) || budget.steps <= 0 || before?.count >= 400) return null;
    budget.steps -= 1;
    let [to, next] = [position, at];
    // 100,00 is no 10000.
    if (sought.isDigits && sought.whole.length < 9 && /\d[.,'’]\d/.test(word.text)) return null;
    while (next < word.tokens.length && to < sought.whole.length) {
      const token = sought.form(word.tokens[next]);
      if (!sought.whole.startsWith(token, to)) return failed.add(key) && null;
      to += token.length;
      next += 1;
    }
    const way = { word, before, count: (before?.count ?? 0) + 1 };
    noteBeginning(sought, way, to);
    if (to === sought.whole.length) {
      const cut = cutCost(sought, first, from, word, next);
      const taken = listed(way);
      const letters = caseCost(sought, taken);
      return cut === null || letters === null ? null : candidate(taken, sought.match, Math.min(1, cost + cut + letters));
    }
    for (const { word: other, cost: step } of steps(index, sought, first, word, to)) {
      const found = go(other, 0, to, way, cost + step);
      if (found) return found;
    }
    return failed.add(key) && null;
  };
  return go(first, from, 0, null, sought.match === "alike" ? 0.35 : 0);
}

/** The words of a way, from its first to its last. */
function listed(last) {
  const words = [];
  for (let way = last; way; way = way.before) words.push(way.word);
  return words.reverse();
}

/** Keeps the longest beginning of a long text that was read: the text may go on on the next page. */
function noteBeginning(sought, last, length) {
  const isLong = sought.match === "exact" && last.count >= 4 && length >= 20 && length >= 0.3 * sought.whole.length && sought.ends.has(length);
  if (isLong && length > (sought.beginning?.length ?? 0)) sought.beginning = { last, length };
}

/** Where a text may go on behind a word. */
function steps(index, sought, first, word, position) {
  const isEnd = sought.ends.has(position);
  const isHyphen = /[-\u2010\u00ad]$/.test(word.text);
  // Where the value has no space: not in short ones, and not in numbers unless they are long.
  if (!isEnd && !isHyphen && sought.whole.length < (sought.isDigits ? 8 : 6)) return [];
  const ways = [];
  const after = index.after(word);
  const gap = after ? after.left - word.right : Infinity;
  if (gap < 3 * word.height) ways.push({ word: after, cost: (isEnd ? 0 : 0.08) + (gap > 1.2 * word.height ? 0.08 : 0) });
  if (isEnd || isHyphen) {
    for (const other of index.below(word, first)) ways.push({ word: other, cost: 0.03 });
    const inOrder = index.words[word.id + 1];
    const isNear = inOrder?.page === word.page && Math.abs(inOrder.top - word.top) < 3 * word.height;
    if (isNear && !ways.some((way) => way.word === inOrder)) ways.push({ word: inOrder, cost: 0.06 });
  }
  return ways;
}

/** What it costs that a place begins or ends inside a word; none if it then says something else. */
function cutCost(sought, first, from, last, end) {
  if (from === 0 && end === last.tokens.length) return 0;
  const isJoined = (word) => /[\p{L}\p{N}][-\u2010/._@+][\p{L}\p{N}]|\d[.,'’]\d/u.test(word.text);
  const cut = [...(from > 0 ? [first] : []), ...(end < last.tokens.length ? [last] : [])];
  if (!cut.some(isJoined)) return 0.05;
  // Not 2012 of 2012-05, nor 249 of 1,249.90; an account number before the bank's is one.
  if (sought.isDigits && (sought.whole.length < 6 || cut.some((word) => /\d[.,'’]\d/.test(word.text)))) return null;
  return sought.whole.length < 4 ? null : 0.35;
}

/** What it costs that short letters are in another case: "de" is a word, "DE" a country. */
function caseCost({ text, whole }, words) {
  if (whole.length > 4) return 0;
  const letters = (of) => of.replace(/[^\p{L}\p{N}]/gu, "");
  if (letters(words.map((word) => word.text).join("")).includes(letters(text))) return 0;
  return whole.length <= 2 ? null : 0.2;
}

// ── most of a text ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The places where most words of a text are, close together: it was read with a fault, or the page has more between. */
function parts(index, { tokens }) {
  const sought = new Set(tokens.filter((token) => token.length > 1).slice(0, 60));
  const total = [...sought].reduce((sum, token) => sum + token.length, 0);
  if (sought.size < 2 || total < 8) return [];
  const seen = [];
  for (const token of sought) {
    const places = index.tokens.get(token) ?? [];
    if (places.length <= 60) for (const { word } of places) seen.push({ word, token });
  }
  seen.sort((one, other) => one.word.page - other.word.page || one.word.top - other.word.top || one.word.left - other.word.left);
  const found = [];
  for (let at = 0; at < seen.length && at < LIMITS.starts; at += 1) {
    const best = gather(seen, at, total, tokens.length);
    if (best) found.push(best);
  }
  return found.sort((one, other) => one.cost - other.cost).slice(0, 20);
}

function gather(seen, start, total, count) {
  const first = seen[start].word;
  const [tall, wide] = [first.height * (2 + 1.6 * Math.ceil(count / 4)), first.height * 30];
  const words = new Map();
  for (let at = start; at < start + 120 && at < seen.length; at += 1) {
    const { word, token } = seen[at];
    if (word.page !== first.page || word.top - first.top > tall) break;
    if (Math.abs(word.left - first.left) < wide && !words.has(token)) words.set(token, word);
  }
  const share = [...words.keys()].reduce((sum, token) => sum + token.length, 0) / total;
  const names = [...words.keys()].filter((token) => /\p{L}{3}/u.test(token));
  if (share < 0.72 || names.length < 2) return null;
  return candidate([...new Set(words.values())], "partial", 1 - 0.6 * share);
}
