// The pane with a review's documents: pages, zoom, marks of where the focused field stands, words to pick.
//
// The server draws the pane with one page (`document_pane.rs`); this takes it over. It knows nothing of the fields but what
// `showField` and `setFields` tell, and tells the desk what was clicked by `onMark` and `onWord`.

import { failure, warned } from "./failures.js";
import { Finder } from "./finder.js";
import { loupe } from "./loupe.js";
import { Marks, placesFor, told } from "./marks.js";
import { anchorsOf, documentsOf, fetcher, givenOf, isText, thereOf } from "./pane_data.js";
import { Pick } from "./pick.js";
import { fitting, wheeled, zoomed } from "./scale.js";
import { Sheets } from "./sheets.js";

/** Room beside a page, in pixels. */
const MARGIN = 32;
/** How high the enlarged place is, in pixels, and how wide at most of the pane. */
const LOUPE = { height: 38, width: 0.6 };
/** What the line says while no field has the focus. */
const HINT = "Click a word to put it into the focused field. Alt Page Down scrolls.";
/** The same, where there is little room. */
const NARROW = { room: 480, margin: 16 };

/**
 * Takes over the pane `root` (`.viewer`). `documents` (`[{id, filename, mime_type}]`) and `fetchWords(documentId, page)` are read
 * from the pane if they are not given. Answers with `{showField, setFields, nextPlace, previousPlace, goToPage, focus, destroy}`.
 */
export function createViewer(root, { documents, fetchWords, onMark = () => {}, onWord = () => {}, announce = () => {} } = {}) {
  return new Viewer(root, { documents: documents ?? documentsOf(root), fetchWords: fetchWords ?? fetcher(root.dataset.base), onMark, onWord, announce });
}

class Viewer {
  constructor(root, { documents, fetchWords, onMark, onWord, announce }) {
    Object.assign(this, { root, documents, onMark, onWord, announce });
    [this.pane, this.note] = [root.querySelector(".viewer-pages"), root.querySelector(".viewer-note")];
    [this.given, this.answers, this.places] = [givenOf(root), new Map(), { list: [], at: 0 }];
    [this.isFit, this.scale, this.field, this.turn] = [true, 1, null, 0];
    this.finder = new Finder(documents.filter(({ mime_type: type }) => !isText(type)).map(({ id }) => id), fetchWords, (document, page, answer) => this.gotWords(document, page, answer));
    this.listeners = new AbortController();
    this.listen();
    this.open(root.dataset.document ?? documents[0]?.id, Number(root.dataset.page ?? 1));
    const idle = globalThis.requestIdleCallback ?? ((does) => setTimeout(does, 200));
    idle(() => this.finder.ahead());
    this.resize = new ResizeObserver(() => this.isFit && this.fit());
    this.resize.observe(this.pane);
    return { showField: (field) => this.showField(field), setFields: (fields) => this.setFields(fields), nextPlace: () => this.step(1), previousPlace: () => this.step(-1),
      goToPage: (page) => this.sheets.go(page), focus: () => this.pane.focus(), destroy: () => this.destroy() };
  }

  // ── the document ───────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Shows a document; its first page's words say how many pages there are. */
  open(id, page = 1) {
    const document = this.documents.find((other) => other.id === id) ?? this.documents[0];
    if (!document) return;
    this.document = document.id;
    this.sheets?.destroy();
    this.pick?.destroy();
    const isThere = thereOf(this.pane);
    this.pane.replaceChildren();
    this.pane.setAttribute("aria-label", `Pages of ${document.filename}`);
    const address = `${this.root.dataset.base}/${encodeURIComponent(document.id)}`;
    this.sheets = new Sheets(this.pane, {
      name: document.filename, urlOf: (number) => `${address}/pages/${number}`, download: address, isText: isText(document.mime_type), isThere,
      onNear: (number) => this.near(number), onShown: (number) => this.shown(number),
    });
    this.marks = new Marks(this.sheets);
    this.pick = new Pick(this.pane, {
      sheets: this.sheets, marks: this.marks, wordsOf: (number) => this.answers.get(`${this.document} ${number}`)?.words,
      onMark: (path) => this.onMark(path), onWord: (text, how) => this.onWord(text, how), announce: this.announce,
    });
    this.sheets.turned = this.turn;
    this.sheets.setCount(Math.max(1, this.finder.counts.get(document.id) ?? page));
    for (let number = 1; number <= this.sheets.count; number += 1) this.apply(number);
    for (const link of this.root.querySelectorAll(".viewer-tabs a")) link.toggleAttribute("aria-current", link.dataset.document === document.id);
    for (const link of this.root.querySelectorAll("[data-tool='download']")) link.href = address;
    this.fit();
    if (page > 1) this.sheets.go(page);
    this.near(page);
    this.drawQuiet();
  }

  /** A page came near the view: its words are wanted. */
  near(page) {
    if (this.sheets?.isText || isText(this.documents.find(({ id }) => id === this.document)?.mime_type ?? "")) return;
    const document = this.document;
    this.finder.words(document, page).catch((error) => {
      if (document !== this.document) return;
      const why = failure({ reason: error.reason, status: error.status, isOffline: navigator.onLine === false });
      // Without words a page can still be looked at; its picture says itself if it cannot.
      if (error.reason) this.sheets.fail(page, why);
    });
  }

  gotWords(document, page, answer) {
    this.answers.set(`${document} ${page}`, answer);
    if (document === this.document) {
      this.apply(page);
      if (answer.pages > 0 && answer.pages !== this.sheets.count) this.sheets.setCount(Math.min(answer.pages, 10_000));
      this.pick.forget(page);
      if (this.isFit) this.fit();
      this.shown(this.sheets.current);
    }
    clearTimeout(this.later);
    this.later = setTimeout(() => {
      this.drawQuiet();
      if (this.field && this.places.list.length === 0) this.showPlaces(this.field, false);
      // Once there are many pages, each that is added takes longer to search.
    }, this.answers.size <= 10 ? 120 : 1500);
  }

  apply(page) {
    const answer = this.answers.get(`${this.document} ${page}`);
    if (answer) this.sheets.setSize(page, answer);
  }

  // ── fields ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** All fields, `[{path, label, kind, value}]`: they tell which place is whose, and are marked quietly. */
  setFields(fields) {
    this.finder.setFields(fields);
    this.drawQuiet();
  }

  /** Shows where a field stands: `{path, label, kind, value, anchors}`; `null`: no field has the focus. */
  showField(field) {
    this.field = field;
    this.pick.leave();
    if (field) return this.showPlaces(field, true);
    this.places = { list: [], at: 0 };
    this.cut = null;
    this.marks.focus(null);
    this.say("");
  }

  async showPlaces(field, mayLook) {
    const given = anchorsOf(field.anchors, this.documents[0]?.id) ?? this.given.get(field.path) ?? [];
    const put = (found) => this.put(field, placesFor(given, found));
    const found = given.length > 0 ? [] : this.finder.placesOf(field);
    put(found);
    if (!mayLook || given.length > 0 || found.some(({ match }) => match !== "expected")) return;
    const isWanted = () => this.field === field;
    await this.finder.look(field, this.document, this.sheets.current, isWanted, ({ page }) => this.say(`${field.label}: looking on page ${page}…`));
    if (isWanted()) put(this.finder.placesOf(field));
  }

  put(field, list) {
    this.places = { list, at: 0 };
    this.showPlace();
  }

  step(by) {
    const { list, at } = this.places;
    if (list.length < 2) return;
    this.places.at = (at + by + list.length) % list.length;
    this.showPlace();
  }

  showPlace() {
    const { list, at } = this.places;
    const place = list[at];
    if (place?.document && place.document !== this.document && this.documents.some(({ id }) => id === place.document)) this.open(place.document, place.page);
    if (place && place.page > this.sheets.count) this.sheets.setCount(place.page);
    this.marks.focus(this.field, list, at, this.document);
    if (place) this.sheets.reveal(place.page, place.boxes[0]);
    const hasText = this.answers.get(`${this.document} ${this.sheets.current}`)?.has_text !== false;
    const isEmpty = !this.field.value && list.length === 0;
    const text = isEmpty ? `${this.field.label}: no value · Alt Page Down scrolls the document` : told({ places: list, at, label: this.field.label, hasText, ...this.finder.progress() });
    const of = place && (place.document === undefined || place.document === this.document) && this.turn === 0 ? this.sheets.sheets.get(place.page) : null;
    this.cut = of ? loupe(of, place.boxes[0], LOUPE.height, this.root.clientWidth * LOUPE.width) : null;
    this.say(text, list.length);
    if (list.length !== 1 || list[0].match !== "given") this.announce(text);
  }

  /** Marks all fields whose place is known, each where it likeliest is. */
  drawQuiet() {
    const quiet = [];
    const found = this.finder.allPlaces();
    for (const path of new Set([...this.given.keys(), ...found.keys()])) {
      const [place] = placesFor(this.given.get(path) ?? [], (found.get(path) ?? []).filter(({ match }) => match !== "expected"));
      if (!place || (place.document !== undefined && place.document !== this.document)) continue;
      quiet.push({ ...place, path, label: this.finder.fields.get(path)?.label ?? path });
    }
    this.marks.setQuiet(quiet.slice(0, 3000));
    if (this.field) this.marks.focus(this.field, this.places.list, this.places.at, this.document);
  }

  // ── tools ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────

  listen() {
    const listen = (target, name, does, options) => target.addEventListener(name, does, { signal: this.listeners.signal, ...options });
    for (const tool of this.root.querySelectorAll("[data-tool]")) {
      tool.hidden = false;
      // On the first page the server has no link to the one before.
      if (tool.matches("a:not([href])")) tool.href = "#";
    }
    listen(this.root, "click", (event) => this.clicked(event));
    listen(this.root, "keydown", (event) => this.pressed(event));
    listen(document, "keydown", (event) => this.pressedAnywhere(event));
    listen(this.pane, "wheel", (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      const view = this.pane.getBoundingClientRect();
      this.zoom(wheeled(this.sheets.scale, event.deltaY), event.clientX - view.left, event.clientY - view.top);
    }, { passive: false });
  }

  clicked(event) {
    const tab = event.target.closest(".viewer-tabs a");
    const tool = event.target.closest("[data-tool]")?.dataset.tool;
    const isPlain = !(event.ctrlKey || event.metaKey || event.shiftKey);
    if (tab && isPlain) {
      event.preventDefault();
      if (tab.dataset.document !== this.document) this.open(tab.dataset.document);
    }
    if (!tool || tool === "download" || !isPlain) return;
    event.preventDefault();
    this.use(tool);
  }

  use(tool) {
    if (tool === "in" || tool === "out") this.zoom(zoomed(this.sheets.scale, tool === "in" ? 1 : -1), ...this.center());
    if (tool === "fit") this.fit();
    if (tool === "before" || tool === "after") this.sheets.go(Math.max(1, Math.min(this.sheets.count, this.sheets.current + (tool === "after" ? 1 : -1))));
    if (tool !== "turn") return;
    this.turn = (this.turn + 1) % 4;
    this.sheets.setView(this.sheets.scale, this.turn);
    if (this.isFit) this.fit();
    this.announce(`Rotated to ${this.turn * 90} degrees`);
  }

  pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
    const [place] = this.places.list.slice(this.places.at);
    const start = place?.page === this.sheets.current && place.document !== undefined ? place.boxes[0] : null;
    const isHandled = event.target === this.pane && this.pick.key(event, this.sheets.current, start);
    const tool = { "+": "in", "=": "in", "-": "out", 0: "fit", r: "turn", ...(event.target === this.pane ? { PageUp: "before", PageDown: "after" } : {}) }[event.key];
    const step = { m: 1, M: -1 }[event.key];
    if (!isHandled && !tool && !step) return;
    // The desk has letters of its own.
    event.preventDefault();
    event.stopPropagation();
    if (isHandled) return;
    if (tool) this.use(tool);
    else this.step(step);
  }

  /** Keys that work while somebody types: Alt+M to the next place, Alt+PageDown down the document. */
  pressedAnywhere(event) {
    if (!event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.code === "KeyM") this.step(event.shiftKey ? -1 : 1);
    else if (event.key === "PageDown" || event.key === "PageUp") this.pane.scrollBy({ top: (event.key === "PageDown" ? 0.85 : -0.85) * this.pane.clientHeight });
    else return;
    event.preventDefault();
  }

  /** The point of the view that zooming keeps: the focused place if it is in view, else the middle. */
  center() {
    const [view, place] = [this.pane.getBoundingClientRect(), this.places.list[this.places.at]];
    const isHere = place && (place.document === undefined || place.document === this.document) && this.sheets.sheets.has(place.page);
    const rect = isHere && this.sheets.rectOf(place.page, place.boxes[0]);
    const [x, y] = rect ? [(rect.left + rect.right) / 2 - view.left, (rect.top + rect.bottom) / 2 - view.top] : [-1, -1];
    return x > 0 && y > 0 && x < view.width && y < view.height ? [x, y] : [view.width / 2, view.height / 2];
  }

  zoom(scale, x, y) {
    this.isFit = false;
    this.sheets.setView(scale, this.turn, x, y);
    this.toldScale();
  }

  fit() {
    const size = this.sheets?.sheets.get(this.sheets.current)?.size;
    if (!size || this.pane.clientWidth === 0) return;
    this.isFit = true;
    const scale = fitting(size, this.pane.clientWidth - (this.pane.clientWidth <= NARROW.room ? NARROW.margin : MARGIN), this.turn);
    if (Math.abs(scale - this.sheets.scale) > 0.002) this.sheets.setView(scale, this.turn);
    this.toldScale();
  }

  toldScale() {
    const fit = this.root.querySelector("[data-tool='fit']");
    fit?.setAttribute("aria-pressed", String(this.isFit));
    if (fit) fit.textContent = this.isFit ? "Fit" : `${Math.round(this.sheets.scale * 100)} %`;
  }

  shown(page) {
    const count = this.sheets?.count ?? 1;
    const place = this.root.querySelector("[data-tool='page']");
    if (place) place.textContent = `${page} / ${count}`;
    for (const [name, isEnd] of [["before", page <= 1], ["after", page >= count]]) {
      const tool = this.root.querySelector(`[data-tool='${name}']`);
      tool?.setAttribute("aria-disabled", String(isEnd));
    }
    const answer = this.answers.get(`${this.document} ${page}`);
    const text = answer ? warned(answer) : "";
    if (!this.field || text !== this.warning) this.say(this.field ? this.note.dataset.said ?? "" : "", this.places.list.length, text);
    this.warning = text;
  }

  /** What the line below the tools says: of the focused field, else what a reader of the page has to know. */
  say(text, places = 0, warning = this.warning ?? "") {
    this.note.dataset.said = text;
    this.note.replaceChildren(Object.assign(document.createElement("span"), { textContent: text || warning || HINT }));
    this.note.classList.toggle("warning", !text && Boolean(warning));
    this.note.classList.toggle("hint", !text && !warning);
    if (text && this.field && this.cut) this.note.append(this.cut);
    if (text && places > 1) this.note.firstChild.append(" ", Object.assign(document.createElement("kbd"), { textContent: "Alt M" }), " next");
  }

  destroy() {
    this.listeners.abort();
    this.resize.disconnect();
    clearTimeout(this.later);
    this.pick?.destroy();
    this.sheets?.destroy();
  }
}
