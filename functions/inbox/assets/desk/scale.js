// How large pages are drawn, and which picture is fetched for that. Pure.

/** Widths of pictures that the server makes, in pixels. */
export const WIDTHS = [800, 1200, 1600, 2400];
const STEPS = [0.25, 0.33, 0.5, 0.67, 0.8, 1, 1.25, 1.5, 1.75, 2, 2.5, 3, 4];
/** Points are 1/72 of an inch, pixels 1/96. */
const PIXELS = 96 / 72;

/** The scale that follows when somebody zooms in (`by` 1) or out (-1). */
export const zoomed = (scale, by) => {
  const next = by > 0 ? STEPS.find((step) => step > scale * 1.01) : STEPS.findLast((step) => step < scale * 0.99);
  return next ?? (by > 0 ? STEPS.at(-1) : STEPS[0]);
};

/** The scale after turning a wheel by that many pixels, within the same bounds. */
export const wheeled = (scale, pixels) => Math.min(STEPS.at(-1), Math.max(STEPS[0], scale * 1.0015 ** -Math.max(-400, Math.min(400, pixels))));

/** The size of a page on the screen, in pixels: `page` in points, `turned` in quarters. */
export const sizeOf = (page, scale, turned) => {
  const [width, height] = [Math.round(page.width * PIXELS * scale), Math.round(page.height * PIXELS * scale)];
  return turned % 2 === 0 ? { width, height, outerWidth: width, outerHeight: height } : { width, height, outerWidth: height, outerHeight: width };
};

/** The scale at which a page is as wide as there is room. */
export const fitting = (page, room, turned) => Math.min(4, Math.max(0.1, room / ((turned % 2 === 0 ? page.width : page.height) * PIXELS)));

/** The picture for that many pixels: the smallest that is not blurred. */
export const pictureWidth = (pixels, density) => WIDTHS.find((width) => width >= pixels * Math.min(density, 3) * 0.9) ?? WIDTHS.at(-1);

/** A point of a sheet on the screen, 0 to 1, as a point of the page that is turned on it. */
export const unturned = (x, y, turned) => [[x, y], [y, 1 - x], [1 - x, 1 - y], [1 - y, x]][turned % 4];
