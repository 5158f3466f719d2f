// Picking words: by click, by dragging over several, and by keys. One listener for all words of all pages.

import { Hits, textOf } from "./hits.js";
import { unturned } from "./scale.js";

/** Movements of the pointer below this many pixels are a click. */
const STILL = 4;
const ARROWS = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" };

export class Pick {
  /** `wordsOf(page)` gives the words of a page that is known; `onMark(path)`, `onWord(text, {append})` are the desk's. */
  constructor(pane, { sheets, marks, wordsOf, onMark, onWord, announce }) {
    Object.assign(this, { pane, sheets, marks, wordsOf, onMark, onWord, announce });
    [this.hits, this.drag, this.cursor] = [new Map(), null, null];
    this.listeners = new AbortController();
    const listen = (name, does, options) => pane.addEventListener(name, does, { signal: this.listeners.signal, ...options });
    listen("pointerdown", (event) => this.down(event));
    listen("pointermove", (event) => this.move(event));
    listen("pointerup", (event) => this.up(event));
    listen("pointercancel", () => this.stop());
    listen("pointerleave", () => !this.drag && this.marks.words(0, [], "pointed"));
    // A mark is a link where there is no script.
    listen("click", (event) => event.target.closest?.("svg.marks") && event.preventDefault());
  }

  forget(page) {
    this.hits.delete(page);
  }

  hitsOf(page) {
    if (!this.hits.has(page)) {
      const words = this.wordsOf(page);
      if (!words) return null;
      this.hits.set(page, new Hits(words));
    }
    return this.hits.get(page);
  }

  /** The page under the pointer and the point of it, 0 to 1. */
  point(event, page = null) {
    const sheet = page ? this.sheets.sheets.get(page)?.sheet : event.target.closest?.(".sheet");
    if (!sheet || sheet.classList.contains("failed")) return null;
    const box = sheet.getBoundingClientRect();
    const [x, y] = unturned((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height, this.sheets.turned);
    return { page: Number(sheet.dataset.sheet), x, y };
  }

  down(event) {
    const at = event.button === 0 && this.point(event);
    if (!at || event.target.closest("button, a.button, figcaption")) return;
    // The focus stays in the field that a word is picked for.
    if (event.pointerType !== "touch") event.preventDefault();
    this.drag = { ...at, clientX: event.clientX, clientY: event.clientY, isMoved: false, id: event.pointerId, isTouch: event.pointerType === "touch" };
  }

  move(event) {
    if (!this.drag) return this.hover(event);
    const { drag } = this;
    if (!drag.isMoved && Math.hypot(event.clientX - drag.clientX, event.clientY - drag.clientY) < STILL) return;
    // A finger scrolls.
    if (drag.isTouch) return this.stop();
    if (!drag.isMoved) this.pane.setPointerCapture(drag.id);
    drag.isMoved = true;
    const at = this.point(event, drag.page);
    const hits = this.hitsOf(drag.page);
    if (!at || !hits) return;
    drag.words = hits.within(drag.x, drag.y, at.x, at.y);
    this.marks.words(drag.page, drag.words.map((id) => hits.words[id].box), "selected");
  }

  hover(event) {
    const at = this.point(event);
    if (!at) return;
    const mark = this.marks.at(at.page, at.x, at.y);
    const hits = this.hitsOf(at.page);
    const id = mark || !hits ? -1 : hits.at(at.x, at.y);
    this.pane.classList.toggle("over-mark", Boolean(mark));
    this.pane.classList.toggle("over-word", id >= 0);
    this.marks.words(at.page, id >= 0 ? [hits.words[id].box] : [], "pointed");
    for (const group of this.pane.querySelectorAll(".mark-group.pointed")) group.classList.remove("pointed");
    if (mark) this.sheets.sheets.get(at.page).marks.querySelector(`[data-field="${CSS.escape(mark.path)}"]`)?.classList.add("pointed");
  }

  up(event) {
    const { drag } = this;
    this.stop();
    if (!drag) return;
    const hits = this.hitsOf(drag.page);
    const append = event.shiftKey;
    if (drag.isMoved) {
      if (drag.words?.length > 0) this.take(drag.words.map((id) => hits.words[id]), append);
      return;
    }
    const mark = !append && this.marks.at(drag.page, drag.x, drag.y);
    if (mark) return void this.onMark(mark.path);
    const id = hits?.at(drag.x, drag.y, 0.008) ?? -1;
    if (id >= 0) this.take([hits.words[id]], append);
  }

  stop() {
    this.drag = null;
    this.marks.words(0, [], "selected");
  }

  take(words, append) {
    const text = textOf(words);
    this.onWord(text, { append });
    this.announce(`${append ? "Appended" : "Taken"}: ${text}`);
  }

  /** Picking by keys: begins at the focused place or the first word; answers whether the key was one of these. */
  key(event, page, start) {
    if (!this.cursor) {
      if (event.key !== "w" || !this.hitsOf(page)) return false;
      const hits = this.hitsOf(page);
      const id = start ? Math.max(hits.at(start[0] + start[2] / 2, start[1] + start[3] / 2, 0.02), -1) : -1;
      this.cursor = { page, id: id >= 0 ? id : hits.from(-1) };
      return this.showCursor();
    }
    const hits = this.hitsOf(this.cursor.page);
    if (event.key === "Escape" || event.key === "w") {
      this.leave();
      this.announce("No word is picked");
      return true;
    }
    if (event.key === "Enter" || event.key === " ") {
      this.take([hits.words[this.cursor.id]], event.shiftKey);
      return true;
    }
    if (!ARROWS[event.key]) return false;
    this.cursor.id = hits.from(this.cursor.id, ARROWS[event.key]);
    return this.showCursor();
  }

  leave() {
    this.cursor = null;
    this.marks.words(0, [], "cursor");
  }

  showCursor() {
    const { page, id } = this.cursor;
    const word = this.hitsOf(page).words[id];
    if (!word) return false;
    this.marks.words(page, [word.box], "cursor");
    this.sheets.reveal(page, word.box);
    this.announce(word.text);
    return true;
  }

  destroy() {
    this.listeners.abort();
  }
}
