// The words of pages, indexed once for all searches: lines, tokens, numbers, dates. Knows nothing of fields.

import { findDates } from "./dates.js";
import { hundredth, readNumber } from "./numbers.js";

/** What is looked at, at most; what is beyond is not found. */
export const LIMITS = { pages: 300, wordsOfPage: 20_000, words: 400_000, wordLength: 200 };

const SPECIAL = { ß: "ss", æ: "ae", œ: "oe", ø: "o", đ: "d", ł: "l", ı: "i", þ: "th", ð: "d" };
const CODES = /(?<![\p{L}\d])(eur|usd|gbp|chf)(?=[\d])|(?<=\d)(eur|usd|gbp|chf)(?![\p{L}\d])/gu;
const LIKE = { o: "0", q: "0", d: "0", i: "1", l: "1", z: "2", s: "5", b: "8", g: "6" };
// A space is at most this wide, in heights of a line; what is wider parts two columns.
const GAP = 1.1;

/** The letters and digits of a text, in runs, without case, accents and ligatures. */
export function tokensOf(text) {
  // Most words are plain: they take the short way.
  if (/^[\x20-\x7e]*$/.test(text) && !/(?:eur|usd|gbp|chf)\d|\d(?:eur|usd|gbp|chf)/i.test(text)) return text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  const folded = text
    .normalize("NFKD")
    .replace(/[\p{M}\u00ad\u200b-\u200f\u2060\ufeff]/gu, "")
    .toLowerCase()
    .replace(/[ßæœøđłıþð]/g, (letter) => SPECIAL[letter])
    .replace(CODES, " $& ")
    // Scripts that write no spaces: each character is a token.
    .replace(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/gu, " $& ");
  return folded.match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** A token in which letters and digits that machines take for each other are the same, and both spellings of umlauts. */
export const likeness = (token) => token.replace(/([aou])e/g, "$1").replace(/[oqdilzsbg]/g, (letter) => LIKE[letter]);

/** Words of pages. `add` takes pages in any order, each once; what was found before stays valid. */
export class WordIndex {
  constructor() {
    this.pages = [];
    this.words = [];
    this.tokens = new Map();
    this.numbers = new Map();
    this.dates = new Map();
    this.alike = null;
    this.lines = [];
    this.decimalSigns = { ",": 0, ".": 0 };
    this.orders = { dmy: 0, mdy: 0, ymd: 0 };
    this.dated = new Map();
    this.numbered = new Map();
    this.grouped = new Set();
  }

  /**
   * Takes in a page: `{page, document?, width?, height?, words: [{text, box: [left, top, width, height]}]}`, boxes 0 to 1.
   * Says whether there was room for it.
   */
  add(page) {
    const isFull = this.pages.length >= LIMITS.pages || this.words.length >= LIMITS.words;
    if (isFull || this.pages.some((known) => known.page === page.page && known.document === page.document)) return false;
    const at = this.pages.length;
    const aspect = page.width > 0 && page.height > 0 ? Math.min(20, Math.max(0.05, page.height / page.width)) : 1.414;
    this.pages.push({ page: page.page, document: page.document, aspect, lines: [] });
    const added = [];
    for (const { text, box } of page.words.slice(0, LIMITS.wordsOfPage)) {
      if (this.words.length >= LIMITS.words) break;
      const word = this.word(text, box, at, aspect);
      if (word) added.push(word);
    }
    this.layOut(at, added);
    for (const word of added) this.tokenize(word);
    for (const line of this.pages[at].lines) this.readLine(line);
    this.alike = null;
    return true;
  }

  word(text, box, page, aspect) {
    if (typeof text !== "string" || text.length === 0 || !box?.every(Number.isFinite)) return null;
    const [left, top, width, height] = box;
    // Heights are told in widths of the page, so that distances compare.
    const word = {
      id: this.words.length, page, text: text.slice(0, LIMITS.wordLength), box, left, right: left + width, top: top * aspect,
      bottom: (top + height) * aspect, height: Math.max(height * aspect, 0.002), line: -1, place: 0, tokens: [],
    };
    this.words.push(word);
    return word;
  }

  /** Puts the words of a page into lines, from the left to the right. */
  layOut(page, words) {
    straighten(words);
    const middle = (word) => (word.top + word.bottom) / 2;
    const sorted = [...words].sort((one, other) => middle(one) - middle(other) || one.left - other.left);
    let line = null;
    for (const word of sorted) {
      const fits = line && Math.abs(middle(word) - line.middle) < 0.45 * Math.min(word.height, line.height);
      if (!fits) {
        line = { id: this.lines.length, page, middle: middle(word), height: word.height, words: [], starts: [] };
        this.lines.push(line);
        this.pages[page].lines.push(line);
      }
      line.words.push(word);
      line.middle += (middle(word) - line.middle) / line.words.length;
      line.height = Math.max(line.height, word.height);
    }
    this.pages[page].lines.forEach((of, row) => {
      of.row = row;
      of.words.sort((one, other) => one.left - other.left);
      of.words.forEach((word, place) => {
        word.line = of.id;
        word.place = place;
        const before = of.words[place - 1];
        if (!before || word.left - before.right > GAP * Math.min(word.height, before.height)) of.starts.push(word);
      });
    });
  }

  tokenize(word) {
    word.tokens = tokensOf(word.text);
    word.tokens.forEach((token, at) => {
      const known = this.tokens.get(token);
      if (known) known.push({ word, at });
      else this.tokens.set(token, [{ word, at }]);
    });
  }

  /** Finds the dates and numbers of a line. */
  readLine(line) {
    for (let start = 0; start < line.words.length; start += 200) this.readDates(line.words.slice(start, start + 206));
    line.words.forEach((word, place) => this.readNumbers(line, word, place));
  }

  readDates(words) {
    let text = "";
    const [starts, known] = [[], new Set(words.filter((word) => this.dated.has(word.id)))];
    words.forEach((word, at) => {
      // What is far apart is no one date.
      if (at > 0) text += word.left - words[at - 1].right > 2 * word.height ? " \t " : " ";
      starts.push(text.length);
      text += word.text;
    });
    for (const { start, end, readings, order } of findDates(text.slice(0, 4000))) {
      const over = words.filter((word, at) => starts[at] < end && starts[at] + word.text.length > start);
      if (known.has(over[0])) continue;
      if (order) this.orders[order] += 1;
      for (const word of over) this.dated.set(word.id, over);
      for (const reading of readings) push(this.dates, reading.date, { words: over, order: reading.order, of: readings.length });
    }
  }

  readNumbers(line, word, place) {
    if (this.dated.has(word.id) || !/\d/.test(word.text)) return;
    this.addNumber([word], line.words[place - 1], line.words[place + 1]);
    // Digits in groups with spaces between them: "1 249,90" is several words.
    if (!/^[^\d\s]{0,4}\d{1,3}$/.test(word.text)) return;
    const group = [word];
    for (let next = place + 1; next < line.words.length && group.length < 5; next += 1) {
      const [before, after] = [line.words[next - 1], line.words[next]];
      const isClose = after.left - before.right < 0.6 * Math.min(after.height, before.height);
      if (!isClose || this.dated.has(after.id) || !/^\d{3}(?!\d)/.test(after.text)) break;
      group.push(after);
      this.addNumber([...group], line.words[place - 1], line.words[next + 1]);
      if (!/^\d{3}$/.test(after.text)) break;
    }
  }

  addNumber(words, before, after) {
    const read = readNumber(words.map((word) => word.text).join(" "));
    if (!read) return;
    const isBeside = (one, other) => one && other && other.left - one.right < other.height;
    const isMinus = isBeside(before, words[0]) && /^[-−–]$/.test(before.text);
    const isPercent = read.isPercent || (isBeside(words.at(-1), after) && after.text === "%");
    const [only] = read.readings;
    if (read.readings.length === 1 && only.sign && /\.\d\d?$/.test(only.number)) this.decimalSigns[only.sign] += 1;
    const occurrence = { words, isPercent, of: read.readings.length, sizes: read.readings.map(({ number }) => number.replace("-", "")) };
    for (const word of words) {
      if (!this.numbered.has(word.id)) this.numbered.set(word.id, occurrence);
      if (words.length > 1) this.grouped.add(word.id);
    }
    for (const { number, sign } of read.readings) {
      const meant = isMinus && !number.startsWith("-") && number !== "0" ? `-${number}` : number;
      const size = meant.replace("-", "");
      push(this.numbers, size, { ...occurrence, number: meant, sign });
      if (isPercent) push(this.numbers, hundredth(size), { ...occurrence, number: hundredth(meant), sign, isShare: true });
    }
  }

  /** The places of tokens by their likeness; made when the first search needs it. */
  alikeTokens() {
    if (!this.alike) {
      this.alike = new Map();
      for (const [token, places] of this.tokens) for (const place of places) push(this.alike, likeness(token), place);
    }
    return this.alike;
  }

  /** The word behind, on the same line. */
  after(word) {
    return this.lines[word.line].words[word.place + 1];
  }

  /** Where a text that begins at `first` may go on below `word`: in the same column. */
  below(word, first) {
    const line = this.lines[word.line];
    const lines = this.pages[word.page].lines;
    const found = [];
    for (let row = line.row + 1; row < lines.length && row <= line.row + 6; row += 1) {
      const next = lines[row];
      if (next.middle - line.middle > 2.4 * Math.max(word.height, line.height)) break;
      if (next.middle - line.middle < 0.5 * word.height) continue;
      for (let at = firstFrom(next.starts, first.left - 6 * first.height), tried = 0; tried < 8; at += 1, tried += 1) {
        const start = next.starts[at];
        if (!start || start.left > word.right + word.height) break;
        found.push(start);
      }
      const column = next.words[firstFrom(next.words, first.left - 0.6 * first.height)];
      if (column && column.left - first.left < 0.6 * first.height && !found.includes(column)) found.push(column);
    }
    return found.slice(0, 10);
  }
}

/** Undoes the slope of a page that was scanned askew: lines are level then. What is told of places stays as it was. */
function straighten(words) {
  const slopes = [];
  for (let at = 1; at < words.length && slopes.length < 2000; at += 1) {
    const [before, word] = [words[at - 1], words[at]];
    const [across, down] = [word.left - before.left, word.top + word.bottom - before.top - before.bottom];
    const isBeside = across > word.height && word.left - before.right < 2 * word.height && Math.abs(down) < word.height;
    if (isBeside) slopes.push(down / 2 / (across + (word.right - word.left - before.right + before.left) / 2));
  }
  if (slopes.length < 8) return;
  const slope = slopes.sort((one, other) => one - other)[slopes.length >> 1];
  if (Math.abs(slope) < 0.002 || Math.abs(slope) > 0.12) return;
  for (const word of words) {
    const by = (slope * (word.left + word.right)) / 2;
    word.top -= by;
    word.bottom -= by;
  }
}

/** The first of words, which are sorted, that begins at `left` or behind. */
export function firstFrom(words, left) {
  let [from, to] = [0, words.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (words[middle].left < left) from = middle + 1;
    else to = middle;
  }
  return from;
}

function push(map, key, value) {
  const known = map.get(key);
  if (known) known.push(value);
  else map.set(key, [value]);
}
