// Rows of tables: the values of one row are on one line, rows follow each other, a column is below its heading.

/** Lines that are looked at for the rows of one table. */
const LINES = 4000;

/**
 * Scores the candidates of a table. `rows` is a list of rows in their order, each a list of `{column, candidates}`.
 * `lineOf(id)` gives a line's `{page, middle, height}`. Answers with the line of each row, where there is one.
 */
export function scoreRows(rows, lineOf) {
  const lines = bestLines(rows, lineOf);
  const all = new Set(lines);
  rows.forEach((row, at) => {
    if (lines[at] === null) return;
    const line = lineOf(lines[at]);
    const next = lines.slice(at + 1, at + 4).find((id) => id !== null);
    const end = next !== undefined && lineOf(next).page === line.page ? lineOf(next).middle : line.middle + 10 * line.height;
    for (const { candidates } of row) {
      for (const found of candidates) found.row = found.line !== lines[at] && all.has(found.line) ? 0 : closeness(lineOf(found.line), line, end);
      // What is on the line itself is not on the next one.
      const isOnLine = candidates.some((found) => found.row === 1);
      for (const found of candidates) {
        if (isOnLine && found.row < 1) found.row = 0;
        found.score += found.row;
      }
    }
  });
  scoreColumns(rows);
  for (const row of rows) partColumns(row);
  for (const { candidates } of rows.flat()) candidates.sort((one, other) => other.score - one.score);
  return lines;
}

/** 1 on the row's own line, less on the lines around it and down to the next row: a row may have several. */
function closeness(own, line, end) {
  if (own.page !== line.page) return 0;
  const away = (own.middle - line.middle) / Math.max(line.height, own.height);
  if (Math.abs(away) < 0.6) return 1;
  if (Math.abs(away) < 1.8) return 0.6;
  return away > 0 && own.middle < end - 0.6 * line.height ? 0.5 : 0;
}

/** The line of each row: together they have the most values, and they follow each other down the pages. */
function bestLines(rows, lineOf) {
  const votes = rows.map((row) => {
    const lines = new Map();
    for (const { candidates } of row) {
      const best = new Map();
      for (const found of candidates) {
        const worth = (0.3 + 0.7 / Math.sqrt(candidates.length)) * (1 - found.cost) * (1 + 0.3 * (found.label ?? 0)) * (found.words.length > 1 ? 1.3 : 1);
        best.set(found.line, Math.max(best.get(found.line) ?? 0, worth));
      }
      for (const [line, worth] of best) lines.set(line, (lines.get(line) ?? 0) + worth);
    }
    return lines;
  });
  const order = (line) => lineOf(line).page * 1000 + lineOf(line).middle;
  const all = [...new Set(votes.flatMap((lines) => [...lines.keys()]))].sort((one, other) => order(one) - order(other)).slice(0, LINES);
  const placeOf = new Map(all.map((line, at) => [line, at + 1]));
  const best = new Best(all.length);
  votes.forEach((lines, row) => {
    const made = [];
    for (const [line, worth] of lines) {
      const place = placeOf.get(line);
      if (place === undefined) continue;
      const before = best.until(place - 1);
      made.push({ place, way: { row, line, worth: worth + (before?.worth ?? 0), before } });
    }
    for (const { place, way } of made) best.put(place, way);
  });
  const chosen = rows.map(() => null);
  for (let way = best.until(all.length); way; way = way.before) chosen[way.row] = way.line;
  return chosen;
}

/** The best way that ends on one of the first lines, found in logarithmic time (a Fenwick tree of maxima). */
class Best {
  constructor(size) {
    this.ways = new Array(size + 1).fill(null);
  }

  until(place) {
    let best = null;
    for (let at = place; at > 0; at -= at & -at) if (this.ways[at] && !(best?.worth >= this.ways[at].worth)) best = this.ways[at];
    return best;
  }

  put(place, way) {
    for (let at = place; at < this.ways.length; at += at & -at) if (!(this.ways[at]?.worth >= way.worth)) this.ways[at] = way;
  }
}

/** A column's values are below each other: scores each by how far it is from where most of its column are. */
function scoreColumns(rows) {
  const columns = new Map();
  for (const { column, candidates } of rows.flat()) {
    if (candidates.length === 0) continue;
    const of = columns.get(column) ?? [];
    of.push(candidates);
    columns.set(column, of);
  }
  for (const of of columns.values()) {
    if (of.length < 2) continue;
    const sure = of.map((candidates) => candidates.reduce((one, other) => (other.score > one.score ? other : one)));
    const sides = [(found) => found.left, (found) => found.right].map((side) => spread(sure.map(side)));
    const side = sides[0].spread <= sides[1].spread ? (found) => found.left - sides[0].middle : (found) => found.right - sides[1].middle;
    for (const candidates of of) {
      for (const found of candidates) found.score += Math.abs(side(found)) < 1.5 * found.height ? 0.4 : Math.abs(side(found)) < 5 * found.height ? 0.1 : 0;
    }
  }
}

/** Two columns with the same value in a row have a place each. */
function partColumns(row) {
  const best = (candidates) => candidates.reduce((one, other) => (other.score > one.score ? other : one));
  const taken = new Set();
  const fields = row.map(({ candidates }) => candidates).filter((candidates) => candidates.length > 0);
  fields.sort((one, other) => best(other).score - best(one).score);
  for (const candidates of fields) {
    const key = (found) => found.words[0].id;
    const isFree = candidates.some((found) => found.row === 1 && !taken.has(key(found)));
    if (isFree) for (const found of candidates) if (taken.has(key(found))) found.score -= 0.6;
    taken.add(key(best(candidates)));
  }
}

function spread(values) {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted[sorted.length >> 1];
  return { middle, spread: sorted.reduce((sum, value) => sum + Math.min(0.2, Math.abs(value - middle)), 0) };
}
