// The pages of a document in their pane: each as large as it will be, its picture fetched when it comes near the view.

import { failure, reasonOf } from "./failures.js";
import { pictureWidth, sizeOf } from "./scale.js";

const SVG = "http://www.w3.org/2000/svg";
const A4 = { width: 595, height: 842 };
/** Pictures that are kept; those of pages that are farther away are let go. */
const KEPT = 14;

/** An SVG element with attributes. */
export const drawn = (tag, attributes = {}) => {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
};

const element = (tag, className, text = "") => Object.assign(document.createElement(tag), { className, textContent: text });

export class Sheets {
  /** `isThere`: the page and width of the picture that the server's page shows, which is not fetched again. `pane` scrolls; `urlOf(page)` is a page's address without its width; `onNear(page)` is told of each page that comes near. */
  constructor(pane, { name, urlOf, download, isText, isThere, onNear, onShown }) {
    Object.assign(this, { pane, name, urlOf, download, isText, isThere, onNear, onShown });
    [this.scale, this.turned, this.count, this.current] = [1, 0, 0, 1];
    this.sheets = new Map();
    this.loaded = [];
    this.watch = new IntersectionObserver((entries) => this.saw(entries), { root: pane, rootMargin: "60% 0px" });
    this.onScroll = () => {
      cancelAnimationFrame(this.frame);
      this.frame = requestAnimationFrame(() => this.tellCurrent());
    };
    pane.addEventListener("scroll", this.onScroll, { passive: true });
  }

  /** Draws as many pages as there are, keeping those that are there. */
  setCount(count) {
    for (let page = this.count + 1; page <= count; page += 1) this.pane.append(this.make(page));
    for (let page = this.count; page > count; page -= 1) this.sheets.get(page)?.sheet.remove();
    this.count = count;
    for (const { sheet } of this.sheets.values()) sheet.setAttribute("aria-label", `Page ${sheet.dataset.sheet} of ${count}`);
  }

  make(page) {
    const sheet = element("figure", "sheet");
    sheet.dataset.sheet = page;
    sheet.id = `page-${page}`;
    const paper = element("div", "paper");
    const image = element("img", "");
    image.alt = "";
    image.draggable = false;
    const marks = drawn("svg", { class: "marks", viewBox: "0 0 1 1", preserveAspectRatio: "none", "aria-hidden": "true" });
    paper.append(image, marks);
    sheet.append(paper);
    image.addEventListener("load", () => {
      sheet.classList.remove("loading", "failed");
      sheet.querySelector("figcaption")?.remove();
      // What the file says of its size is not always what is drawn.
      if (!this.sheets.get(page).isSized) this.setSize(page, { width: A4.width, height: (A4.width * image.naturalHeight) / image.naturalWidth }, false);
    });
    image.addEventListener("error", () => image.getAttribute("src") && this.failed(page));
    this.sheets.set(page, { sheet, paper, image, marks, size: this.sheets.get(1)?.size ?? A4, isSized: false });
    this.lay(page);
    this.watch.observe(sheet);
    return sheet;
  }

  /** The size of a page in points; until one is known, pages are as the first one. */
  setSize(page, size, isSure = true) {
    const of = this.sheets.get(page);
    if (!of || !(size.width > 0 && size.height > 0)) return;
    const top = this.pane.scrollTop;
    const before = of.sheet.offsetHeight;
    // Pictures are told in pixels: a scan is drawn as large as the paper that it shows.
    const by = size.width > 1100 ? A4.width / size.width : 1;
    Object.assign(of, { size: { width: size.width * by, height: size.height * by }, isSized: isSure });
    this.lay(page);
    // Pages whose size is not known are as those that are.
    if (isSure) {
      for (const [other, { isSized }] of this.sheets) {
        if (isSized || other === page) continue;
        this.sheets.get(other).size = of.size;
        this.lay(other);
      }
    }
    // Pages above the view that change their height do not move what is looked at.
    if (of.sheet.offsetTop + before < top) this.pane.scrollTop = top + of.sheet.offsetHeight - before;
  }

  lay(page) {
    const { sheet, paper, size, image } = this.sheets.get(page);
    const { width, height, outerWidth, outerHeight } = sizeOf(size, this.scale, this.turned);
    Object.assign(sheet.style, { width: `${outerWidth}px`, height: `${outerHeight}px` });
    Object.assign(paper.style, { width: `${width}px`, height: `${height}px` });
    sheet.dataset.turned = this.turned;
    if (image.getAttribute("src")) this.picture(page);
  }

  /** Draws all pages at another scale or turned, keeping the point of the page at (`x`, `y`) of the view where it is. */
  setView(scale, turned, x = this.pane.clientWidth / 2, y = 0) {
    const { sheet } = this.sheets.get(this.current) ?? {};
    const box = sheet?.getBoundingClientRect();
    const view = this.pane.getBoundingClientRect();
    const at = box && [(view.left + x - box.left) / box.width, (view.top + y - box.top) / box.height];
    const isTurned = turned !== this.turned;
    [this.scale, this.turned] = [scale, turned];
    for (const page of this.sheets.keys()) this.lay(page);
    if (!box) return;
    const after = sheet.getBoundingClientRect();
    this.pane.scrollTop += after.top - view.top + (isTurned ? 0 : at[1] * after.height) - (isTurned ? 16 : y);
    this.pane.scrollLeft += after.left - view.left + at[0] * after.width - x;
    this.tellCurrent();
  }

  saw(entries) {
    for (const { target, isIntersecting } of entries) {
      const page = Number(target.dataset.sheet);
      if (!isIntersecting) continue;
      this.onNear(page);
      this.picture(page);
      this.loaded = [...this.loaded.filter((other) => other !== page), page];
    }
    while (this.loaded.length > KEPT) this.drop(this.loaded.shift());
    this.tellCurrent();
  }

  picture(page) {
    const { sheet, paper, image, isBroken } = this.sheets.get(page);
    if (isBroken) return;
    if (this.isText) return void this.text(page);
    const wanted = pictureWidth(Number.parseFloat(paper.style.width), globalThis.devicePixelRatio ?? 1);
    const width = this.isThere?.page === page ? Math.max(this.isThere.width, wanted) : wanted;
    const shown = Number(image.dataset.width ?? 0);
    // A picture that is finer than need be stays.
    if (shown >= width) return;
    if (shown === 0) sheet.classList.add("loading");
    image.dataset.width = width;
    image.src = `${this.urlOf(page)}?width=${width}`;
  }

  drop(page) {
    const { image } = this.sheets.get(page);
    image.removeAttribute("src");
    delete image.dataset.width;
  }

  async text(page) {
    const of = this.sheets.get(page);
    if (of.isAsked) return;
    of.isAsked = true;
    try {
      const answer = await fetch(this.urlOf(page));
      if (!answer.ok) throw new Error(answer.status);
      const text = element("pre", "text", (await answer.text()).slice(0, 1_000_000));
      of.sheet.classList.add("of-text");
      of.sheet.replaceChildren(text);
    } catch {
      of.isAsked = false;
      this.failed(page);
    }
  }

  /** Says why a page is not shown: the picture cannot tell, so its address is asked once more. */
  async failed(page) {
    const { image } = this.sheets.get(page);
    const address = image.getAttribute("src") ?? this.urlOf(page);
    let problem = { isOffline: navigator.onLine === false };
    try {
      const answer = await fetch(address, { headers: { Accept: "image/*, application/json" } });
      const body = answer.ok ? null : await answer.json().catch(() => null);
      problem = { status: answer.status, reason: reasonOf(body) };
    } catch { problem.isOffline ||= navigator.onLine === false; }
    this.fail(page, failure(problem));
  }

  /** Shows why there is no page, with what can be done. */
  fail(page, { text, isFinal }) {
    const of = this.sheets.get(page);
    if (!of) return;
    of.isBroken = true;
    this.drop(page);
    of.sheet.classList.remove("loading");
    of.sheet.classList.add("failed");
    of.sheet.querySelector("figcaption")?.remove();
    const caption = element("figcaption", "");
    const buttons = element("p", "");
    if (!isFinal) {
      const retry = Object.assign(element("button", "", "Try again"), { type: "button" });
      // Once there is a network again, nobody needs to press it.
      globalThis.addEventListener("online", () => caption.isConnected && retry.click(), { once: true });
      retry.addEventListener("click", () => {
        of.isBroken = false;
        of.isAsked = false;
        caption.remove();
        of.sheet.classList.remove("failed");
        this.onNear(page);
        this.picture(page);
      });
      buttons.append(retry, " ");
    }
    buttons.append(Object.assign(element("a", "button", "Download the document"), { href: this.download }));
    caption.append(element("p", "", text), buttons);
    of.sheet.append(caption);
    this.onShown?.(page);
  }

  /** Which page is looked at: the one that has the middle of the view. */
  tellCurrent() {
    const middle = this.pane.scrollTop + this.pane.clientHeight / 3;
    let [from, to] = [1, this.count];
    while (from < to) {
      const page = (from + to + 1) >> 1;
      if (this.sheets.get(page).sheet.offsetTop <= middle) from = page;
      else to = page - 1;
    }
    if (from !== this.current) this.current = from;
    this.onShown?.(from);
  }

  /** Brings a page to the top of the view. */
  go(page) {
    const of = this.sheets.get(page);
    if (!of) return;
    this.pane.scrollTop = of.sheet.offsetTop - 12;
    this.tellCurrent();
  }

  /** Brings a place into view, if it is not there: `box` of a page, 0 to 1. */
  reveal(page, box) {
    const of = this.sheets.get(page);
    if (!of) return;
    const rect = this.rectOf(page, box);
    const view = this.pane.getBoundingClientRect();
    const isSeen = rect.top >= view.top + 24 && rect.bottom <= view.bottom - 24 && rect.left >= view.left && rect.right <= view.right;
    if (isSeen) return;
    const isSmooth = !matchMedia("(prefers-reduced-motion: reduce)").matches && Math.abs(rect.top - view.top) < 2 * view.height;
    this.pane.scrollBy({ top: rect.top - view.top - view.height * 0.35, left: horizontal(rect, view), behavior: isSmooth ? "smooth" : "instant" });
  }

  /** Where a box of a page is on the screen. */
  rectOf(page, [left, top, width, height]) {
    const { sheet } = this.sheets.get(page);
    const box = sheet.getBoundingClientRect();
    const turn = ([x, y]) => [[x, y], [1 - y, x], [1 - x, 1 - y], [y, 1 - x]][this.turned];
    const [[x0, y0], [x1, y1]] = [turn([left, top]), turn([left + width, top + height])];
    const [l, r, t, b] = [Math.min(x0, x1), Math.max(x0, x1), Math.min(y0, y1), Math.max(y0, y1)];
    return { left: box.left + l * box.width, right: box.left + r * box.width, top: box.top + t * box.height, bottom: box.top + b * box.height };
  }

  destroy() {
    this.watch.disconnect();
    this.pane.removeEventListener("scroll", this.onScroll);
    cancelAnimationFrame(this.frame);
    this.pane.replaceChildren();
  }
}

const horizontal = (rect, view) => (rect.left < view.left ? rect.left - view.left - 24 : rect.right > view.right ? rect.right - view.right + 24 : 0);
