// Which word is at a point of a page, and which are in an area: a grid over the page, so that no word needs an element. Pure.

const [COLUMNS, ROWS] = [24, 48];
const clamp = (value, most) => Math.max(0, Math.min(most, Math.floor(value)));

/** The words of one page, for looking up. `words` as the server has them: `{text, box: [left, top, width, height]}`, 0 to 1. */
export class Hits {
  constructor(words) {
    this.words = words;
    this.cells = new Map();
    words.forEach((word, id) => {
      const [left, top, width, height] = word.box;
      for (const cell of cellsOf(left, top, left + width, top + height)) {
        const known = this.cells.get(cell);
        if (known) known.push(id);
        else this.cells.set(cell, [id]);
      }
    });
  }

  /** The word at a point, or the nearest one within `slack`; -1 if there is none. */
  at(x, y, slack = 0.004) {
    let [best, nearest] = [-1, Infinity];
    for (const id of this.around(x - slack, y - slack, x + slack, y + slack)) {
      const [left, top, width, height] = this.words[id].box;
      const away = Math.max(left - x, x - left - width, 0) + Math.max(top - y, y - top - height, 0);
      if (away <= slack && away < nearest) [best, nearest] = [id, away];
    }
    return best;
  }

  /** The words that an area touches, as they are read: line by line, from the left. */
  within(x0, y0, x1, y1) {
    const [left, right, top, bottom] = [Math.min(x0, x1), Math.max(x0, x1), Math.min(y0, y1), Math.max(y0, y1)];
    const touched = [...this.around(left, top, right, bottom)].filter((id) => {
      const [l, t, w, h] = this.words[id].box;
      return l < right && l + w > left && t < bottom && t + h > top;
    });
    return inOrder(this.words, touched);
  }

  /** The word from `id` in a direction: "left" and "right" follow the text, "up" and "down" go to the nearest line. */
  from(id, direction) {
    if (id < 0) return this.words.length > 0 ? inOrder(this.words, this.words.map((_, at) => at))[0] : -1;
    this.order ??= inOrder(this.words, this.words.map((_, at) => at));
    this.rank ??= new Map(this.order.map((word, at) => [word, at]));
    if (direction === "left" || direction === "right") return this.order[this.rank.get(id) + (direction === "right" ? 1 : -1)] ?? id;
    const [left, top, width, height] = this.words[id].box;
    const sign = direction === "down" ? 1 : -1;
    let [best, nearest] = [id, Infinity];
    this.words.forEach(({ box }, other) => {
      const down = sign * (box[1] + box[3] / 2 - top - height / 2);
      if (down < height * 0.6) return;
      const away = down + Math.abs(box[0] + box[2] / 2 - left - width / 2) * 0.5;
      if (away < nearest) [best, nearest] = [other, away];
    });
    return best;
  }

  * around(left, top, right, bottom) {
    const seen = new Set();
    for (const cell of cellsOf(left, top, right, bottom)) {
      for (const id of this.cells.get(cell) ?? []) {
        if (!seen.has(id)) yield id;
        seen.add(id);
      }
    }
  }
}

function* cellsOf(left, top, right, bottom) {
  for (let row = clamp(top * ROWS, ROWS - 1); row <= clamp(bottom * ROWS, ROWS - 1); row += 1) {
    for (let column = clamp(left * COLUMNS, COLUMNS - 1); column <= clamp(right * COLUMNS, COLUMNS - 1); column += 1) yield row * COLUMNS + column;
  }
}

function inOrder(words, ids) {
  const middle = (id) => words[id].box[1] + words[id].box[3] / 2;
  const sorted = [...ids].sort((one, other) => middle(one) - middle(other));
  const lines = [];
  for (const id of sorted) {
    const line = lines.at(-1);
    if (line && middle(id) - line.middle < 0.5 * words[id].box[3]) line.ids.push(id);
    else lines.push({ middle: middle(id), ids: [id] });
  }
  return lines.flatMap(({ ids: of }) => of.sort((one, other) => words[one].box[0] - words[other].box[0]));
}

/** Words as one text: those of one line with spaces, and what a hyphen has parted at a line's end together. */
export const textOf = (words) => words.map(({ text }) => text).join(" ").replace(/(\p{Ll})[-\u00ad] (?=\p{Ll})/gu, "$1");
