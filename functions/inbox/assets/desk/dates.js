// Dates as documents print them, in six languages. Knows nothing of pages.

const MONTHS = [
  "january jan januar janner jan janvier janv januari enero ene gennaio gen janeiro styczen stycznia januar",
  "february feb februar febr feber fevrier fev fevr februari febrero febbraio fevereiro lutego",
  "march mar marz mrz maerz mars maart mrt marzo marco marca",
  "april apr avril avr abril abr aprile kwietnia",
  "may mai mei mayo maggio mag maio maja maj",
  "june jun juni juin junio giugno giu junho czerwca",
  "july jul juli juillet juil julio luglio lug julho lipca",
  "august aug aout augustus agosto ago ago sierpnia",
  "september sep sept septembre septiembre set settembre setembro wrzesnia",
  "october oct oktober okt octobre octubre ottobre ott outubro out pazdziernika",
  "november nov novembre noviembre novembro listopada",
  "december dec dezember dez decembre diciembre dic dicembre dezembro grudnia desember des",
];
const MONTH_OF = new Map(MONTHS.flatMap((names, at) => names.split(" ").map((name) => [name, at + 1])));

const MONTH = `(${[...MONTH_OF.keys()].sort((one, other) => other.length - one.length).join("|")})`;

/** The month that a word names, from 1. */
export const monthOf = (word) => MONTH_OF.get(plain(word).toLowerCase());

/** The same text without accents, as long as it was. */
const plain = (text) => text.replace(/[\u00c0-\u024f]/g, (letter) => letter.normalize("NFD")[0]);

// Not inside a longer number or name; two dates may be joined: 11.05.2026-10.06.2026.
const START = "(?<![\\p{L}\\d.,/]|(?<!\\d{4})-)";
const END = "(?![\\p{L}\\d]|[./]\\d|-\\d+(?![\\d.,/]))";
const YEAR = "(\\d{4}|['’]?\\d{2})";
const DAY = "(\\d{1,2})(?:st|nd|rd|th|er|ste|de|e|º|ª|\\.)?";
const FORMS = [
  ["ymd", new RegExp(`${START}(\\d{4})\\s?[-/.]\\s?(\\d{1,2})\\s?[-/.]\\s?(\\d{1,2})(?:T[\\d:.]{4,15}(?:Z|[+-]\\d\\d:?\\d\\d)?)?${END}`, "gu")],
  ["ymd", new RegExp(`${START}(\\d{4})\\s?[年년]\\s?(\\d{1,2})\\s?[月월]\\s?(\\d{1,2})\\s?[日일]`, "gu")],
  ["compact", new RegExp(`${START}((?:19|20)\\d{2})([01]\\d)([0-3]\\d)${END}`, "gu")],
  ["numeric", new RegExp(`${START}(\\d{1,2})\\s?([./-])\\s?(\\d{1,2})\\s?\\2\\s?(\\d{4}|\\d{2})${END}`, "gu")],
  ["spaced", new RegExp(`${START}(\\d{2}) (\\d{2}) ((?:19|20)\\d{2})${END}`, "gu")],
  ["dmy", new RegExp(`${START}${DAY}[\\s.-]{0,3}(?:(?:of|de|den)\\s)?${MONTH}[\\s.,/-]{0,3}(?:(?:de|del)\\s)?${YEAR}${END}`, "giu")],
  ["mdy", new RegExp(`(?<![\\p{L}\\d])${MONTH}[\\s.-]{1,2}${DAY}(?:\\s?,\\s?|\\s?-\\s?|\\s)${YEAR}${END}`, "giu")],
  ["y-mon-d", new RegExp(`${START}(\\d{4})[\\s-]${MONTH}[\\s-](\\d{1,2})${END}`, "giu")],
];

/**
 * All dates in a text, as `{start, end, readings: [{date, order}], order}`: `2026-05-11`, and for `05/11/2026` both readings,
 * with the order (`dmy`, `mdy`, `ymd`) that each takes for granted. `order`, if only one is possible although others were written so.
 */
export function findDates(text) {
  if (text.length > 4000 || !/\d/.test(text)) return [];
  const found = [];
  const letters = plain(text);
  for (const [form, pattern] of FORMS) {
    for (const match of letters.matchAll(pattern)) {
      const readings = read(form, match).filter(({ date }) => date);
      const [start, end] = [match.index, match.index + match[0].length];
      if (readings.length === 0 || found.some((other) => other.start < end && start < other.end)) continue;
      found.push({ start, end, readings, order: form === "numeric" && readings.length === 1 ? readings[0].order : null });
    }
  }
  return found;
}

const DAYS = [
  new RegExp(`${START}${DAY}[\\s.-]{0,2}${MONTH}(?![\\p{L}\\d]|[\\s.,/-]{1,2}['’]?\\d)`, "giu"),
  new RegExp(`(?<![\\p{L}\\d])${MONTH}[\\s.-]{1,2}${DAY}(?![\\p{L}\\d.,/:-])`, "giu"),
  new RegExp(`${START}(\\d{1,2})\\.(\\d{1,2})\\.(?![\\p{L}\\d]|\\s?\\d{2,4})`, "gu"),
];

/** Days without a year, as statements print them in their rows: `{start, end, day: "04-02"}` for `2 Apr` and `02.04.`. */
export function findDays(text) {
  if (text.length > 4000 || !/\d/.test(text)) return [];
  const letters = plain(text);
  return DAYS.flatMap((pattern, form) => [...letters.matchAll(pattern)].map((match) => {
    const [of, month] = form === 1 ? [match[2], monthOf(match[1])] : [match[1], form === 0 ? monthOf(match[2]) : match[2]];
    return { start: match.index, end: match.index + match[0].length, day: day(2000, month, of)?.slice(5) };
  })).filter((found) => found.day);
}

/** The days that a field's value names: one, or two where its order is not known. */
export function dateValue(text) {
  const trimmed = text.trim();
  if (trimmed.length > 40 || trimmed.length < 6) return [];
  const [found, ...others] = findDates(trimmed);
  if (!found || others.length > 0 || found.start > 0) return [];
  const rest = trimmed.slice(found.end);
  return /^$|^[T\s]+\d{1,2}:[\d:.]+\s?(?:Z|[+-]\d\d:?\d\d|[AaPp]\.?[Mm]\.?)?$/.test(rest) ? found.readings.map(({ date }) => date) : [];
}

function read(form, [, a, b, c, d]) {
  switch (form) {
    case "ymd": case "compact": return [{ date: day(a, b, c), order: null }];
    case "spaced": return [{ date: day(c, b, a), order: null }];
    case "dmy": return years(c).map((year) => ({ date: day(year, monthOf(b), a), order: null }));
    case "mdy": return years(c).map((year) => ({ date: day(year, monthOf(a), b), order: null }));
    case "y-mon-d": return [{ date: day(a, monthOf(b), c), order: null }];
    default: return numeric(a, b, c, d);
  }
}

function numeric(a, sign, b, c) {
  const readings = years(c).map((year) => ({ date: day(year, b, a), order: "dmy" }));
  // 05.11.2026 is read in one way wherever it is written.
  if (sign !== ".") readings.push(...years(c).map((year) => ({ date: day(year, a, b), order: "mdy" })));
  if (c.length === 2 && a.length === 2) readings.push({ date: day(`20${a}`, b, c), order: "ymd" });
  const known = new Set();
  return readings.filter(({ date }) => date && !known.has(date) && known.add(date));
}

function years(text) {
  const digits = text.replace(/\D/g, "");
  return digits.length === 4 ? [digits] : [`20${digits}`, `19${digits}`];
}

function day(year, month, of) {
  const [y, m, d] = [Number(year), Number(month), Number(of)];
  if (!(y >= 1800 && y <= 2200 && m >= 1 && m <= 12 && d >= 1)) return null;
  const last = new Date(Date.UTC(y, m, 0)).getUTCDate();
  return d <= last ? `${y}-${String(m).padStart(2, "0")}-${String(d).padStart(2, "0")}` : null;
}
