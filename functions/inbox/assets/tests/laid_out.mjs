// Pages of words for tests: text in lines, one character as wide as the other, as `pdftotext -layout` prints it.

/** A page of an index from lines of text; two spaces and more part columns. */
export function laidOut(text, page = 1) {
  const [wide, high, step] = [0.008, 0.011, 0.016];
  const words = text.split("\n").flatMap((line, row) =>
    [...line.matchAll(/[^ ]+/g)].map((match) => ({ text: match[0], box: [0.02 + match.index * wide, 0.02 + row * step, match[0].length * wide, high] })));
  return { page, width: 595, height: 842, words };
}

/** The row, from 0, that a place is on. */
export const rowOf = (place) => Math.round((place.boxes[0][1] - 0.02) / 0.016);
