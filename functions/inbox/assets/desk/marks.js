// The marks on pages: where the focused field stands, where else, and quietly all other fields.

import { drawn } from "./sheets.js";

const PAD = 0.0025;

/** What is said of a mark, for those who do not see it, and when pointed at. */
export const described = ({ match, label }) => ({
  given: `${label}`, exact: `${label}, found by search`, alike: `${label}, found by search, spelled alike`, partial: `${label}, found by search, in part`, expected: `${label}: another value is here`,
})[match] ?? label;

/** What the pane says of the focused field: `places` of it, the one at `at` being shown. */
export const told = ({ places, at, label, hasText, searched = 1, pages = 1 }) => {
  const where = searched < pages ? `on the ${searched} of ${pages} pages that were searched` : "in the document";
  if (places.length === 0) return hasText ? `${label}: not found ${where}` : `${label}: place unknown`;
  const { match } = places[at];
  const what = { given: "", exact: " · found by search", alike: " · found by search, spelled alike", partial: " · found in part", expected: " · not found; expected here" }[match];
  return `${label}${what}${places.length > 1 ? ` · ${at + 1} of ${places.length}` : ""}`;
};

/** The places to show for a field: those that came with the review, else those found; the likeliest first. */
export const placesFor = (given, found) => (given.length > 0 ? given.map((place) => ({ ...place, match: "given" })) : found);

export class Marks {
  constructor(sheets) {
    this.sheets = sheets;
    this.focused = null;
    this.quiet = new Map();
  }

  /** Draws the focused field's places, that at `at` strong; those of other documents are not drawn. */
  focus(field, places, at, document) {
    this.focused = field && { path: field.path, label: field.label, places, at, document };
    for (const { marks } of this.sheets.sheets.values()) for (const old of marks.querySelectorAll(".mark-group.focus")) old.remove();
    if (!field) return;
    places.forEach((place, of) => {
      if (place.document !== undefined && place.document !== document) return;
      this.draw({ ...place, path: field.path, label: field.label }, `focus ${of === at ? "strong" : "faint"}`);
    });
  }

  /** Draws all other fields' likeliest places, hardly seen until pointed at: `[{path, label, page, boxes, match}]`. */
  setQuiet(places) {
    this.quiet = new Map();
    for (const { marks } of this.sheets.sheets.values()) for (const old of marks.querySelectorAll(".mark-group:not(.focus), .mark-link")) old.remove();
    for (const place of places) {
      this.quiet.set(place.page, [...(this.quiet.get(place.page) ?? []), place]);
      this.draw(place, "quiet");
    }
  }

  draw(place, kind) {
    const of = this.sheets.sheets.get(place.page);
    if (!of) return;
    const group = drawn("g", { class: `mark-group ${kind} ${place.match}`, "data-field": place.path });
    for (const [left, top, width, height] of place.boxes) {
      group.append(drawn("rect", { class: "mark", x: left - PAD, y: top - PAD / 2, width: width + 2 * PAD, height: height + PAD, "vector-effect": "non-scaling-stroke" }));
    }
    const title = drawn("title");
    title.textContent = described(place);
    group.prepend(title);
    // The focused field is drawn above the others.
    if (kind === "quiet") of.marks.prepend(group);
    else of.marks.append(group);
  }

  /** The field, other than the focused one, whose mark is at a point of a page. */
  at(page, x, y) {
    const isIn = ({ boxes }) => boxes.some(([left, top, width, height]) => x >= left - PAD && x <= left + width + PAD && y >= top - PAD && y <= top + height + PAD);
    const own = this.focused?.places.some((place) => place.page === page && isIn(place));
    if (own) return null;
    return (this.quiet.get(page) ?? []).find((place) => place.path !== this.focused?.path && isIn(place)) ?? null;
  }

  /** Words that are pointed at or selected; an empty list removes them. */
  words(page, boxes, kind) {
    for (const { marks } of this.sheets.sheets.values()) for (const old of marks.querySelectorAll(`.word.${kind}`)) old.remove();
    const of = this.sheets.sheets.get(page);
    for (const [left, top, width, height] of boxes) of?.marks.append(drawn("rect", { class: `word ${kind}`, x: left, y: top, width, height, "vector-effect": "non-scaling-stroke" }));
  }
}
