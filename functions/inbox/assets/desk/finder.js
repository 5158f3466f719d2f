// Fetches the words of pages, a few at a time, and keeps where fields stand on them. Knows no elements.

import { WordIndex, findPlaces } from "./places.js";

/** Pages of a document whose words are fetched unasked, and those that a field that was not found may ask for. */
const [AHEAD, MOST] = [5, 60];
/** With more fields than this, only those around the one that is looked for are searched along with it. */
const TOGETHER = 400;

export class Finder {
  /** `fetchWords(document, page)` answers as the server does; `onWords(document, page, answer)` is told each. */
  constructor(documents, fetchWords, onWords) {
    this.documents = documents;
    this.fetchWords = fetchWords;
    this.onWords = onWords;
    this.index = new WordIndex();
    this.pages = new Map();
    this.counts = new Map();
    this.fields = new Map();
    this.found = new Map();
  }

  /** The words of a page, fetched once; throws what `fetchWords` throws, and then may be asked again. */
  words(document, page) {
    const key = `${document} ${page}`;
    if (!this.pages.has(key)) {
      const asked = Promise.resolve(this.fetchWords(document, page)).then((answer) => {
        if (answer.pages > 0) this.counts.set(document, answer.pages);
        this.index.add({ ...answer, document, page });
        // What is now known may be elsewhere, or in more places.
        this.found.clear();
        this.onWords(document, page, answer);
        return answer;
      });
      asked.catch(() => this.pages.delete(key));
      this.pages.set(key, asked);
    }
    return this.pages.get(key);
  }

  /** How many pages were searched, and how many there are. */
  progress() {
    const pages = this.documents.reduce((sum, document) => sum + (this.counts.get(document) ?? 1), 0);
    return { searched: this.index.pages.length, pages };
  }

  /** Fetches the first pages of all documents, one after the other. */
  async ahead() {
    for (const document of this.documents) {
      for (let page = 1; page <= Math.min(AHEAD, this.counts.get(document) ?? 1); page += 1) {
        if (!(await this.words(document, page).catch(() => null))) break;
      }
    }
  }

  setFields(fields) {
    this.fields = new Map(fields.map((field) => [field.path, field]));
    this.found.clear();
  }

  /** The places of a field on the pages that are known. The others are searched along: they tell which place is whose. */
  placesOf(field) {
    const known = this.fields.get(field.path);
    if (!known || known.value !== field.value) {
      this.fields.set(field.path, { ...known, ...field });
      this.found.clear();
    }
    if (!this.found.has(field.path)) {
      const around = this.fields.size <= TOGETHER ? [...this.fields.values()] : nearby([...this.fields.values()], field.path);
      for (const [path, places] of findPlaces(this.index, around)) this.found.set(path, places);
    }
    return this.found.get(field.path) ?? [];
  }

  /** The likeliest places of all fields that are known by now; none are searched for this alone where there are very many. */
  allPlaces() {
    if (this.fields.size > 0 && this.fields.size <= TOGETHER && this.found.size === 0) this.placesOf(this.fields.values().next().value);
    return this.found;
  }

  /** Looks for a field on further pages, from `page` of `document` on, until it is found; says where it looks. */
  async look(field, document, page, isWanted, say) {
    // Alone: that is quicker than with all others, and whether it is there does not depend on them.
    const found = () => findPlaces(this.index, [field]).get(field.path).filter(({ match }) => match !== "expected");
    for (const next of this.order(document, page)) {
      if (!isWanted() || found().length > 0) break;
      if (this.pages.has(`${next.document} ${next.page}`)) continue;
      say(next);
      await this.words(next.document, next.page).catch(() => null);
    }
    return this.placesOf(field);
  }

  /** Pages in the order in which they are searched: those around the one that is shown first. */
  order(document, page) {
    const pages = [];
    for (const of of [document, ...this.documents.filter((other) => other !== document)]) {
      const count = this.counts.get(of) ?? 1;
      const from = of === document ? page : 1;
      const all = Array.from({ length: count }, (_, at) => at + 1).sort((one, other) => Math.abs(one - from) - Math.abs(other - from));
      for (const number of all.slice(0, MOST)) pages.push({ document: of, page: number });
    }
    return pages.slice(0, MOST);
  }
}

/** The fields that help to place one: of the same parent, of the rows around, and those at the top. */
export function nearby(fields, path) {
  const at = fields.findIndex((field) => field.path === path);
  const parent = path.slice(0, path.lastIndexOf("/"));
  const isAround = (field, of) => Math.abs(of - at) <= TOGETHER / 4 || field.path.startsWith(`${parent}/`) || field.path.lastIndexOf("/") === 0;
  return fields.filter(isAround).slice(0, 2 * TOGETHER);
}
