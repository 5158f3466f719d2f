// The place of the focused field, enlarged: so that 0 and O, or 1 and l, can be told apart without zooming.

import { drawn } from "./sheets.js";

/** Of the page around the place, in parts of its height, and the least height in points. */
const AROUND = 0.35;
const LEAST = 9;

/**
 * What to cut out of a page of `size` in points around a place `[left, top, width, height]` (0 to 1), to be shown `height` pixels high
 * and at most `most` wide: `{viewBox, width}`.
 */
export const cutOf = ([left, top, width, height], size, shown, most) => {
  const tall = Math.max(height * size.height, LEAST) * (1 + 2 * AROUND);
  const middle = (top + height / 2) * size.height;
  const wide = Math.min(width * size.width + tall, (tall * most) / shown);
  const from = Math.max(0, left * size.width - tall / 2);
  const round = (number) => Math.round(number * 100) / 100;
  return { viewBox: [from, middle - tall / 2, wide, tall].map(round), width: Math.round((wide * shown) / tall) };
};

/** A picture of a place; null while its page is not there. */
export const loupe = ({ image, size }, box, shown, most) => {
  const address = image?.currentSrc || image?.src;
  if (!address || !box) return null;
  const { viewBox, width } = cutOf(box, size, shown, most);
  const made = drawn("svg", { class: "loupe", viewBox: viewBox.join(" "), width, height: shown, "aria-hidden": "true" });
  made.append(drawn("image", { href: address, width: size.width, height: size.height, preserveAspectRatio: "none" }));
  return made;
};
