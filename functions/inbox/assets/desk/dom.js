// Small things that all modules use: elements, storage, announcements, times.

export const $ = (selector, root = document) => root.querySelector(selector);
export const all = (selector, root = document) => [...root.querySelectorAll(selector)];

/** What is around one value: a row, a cell, or a field of its own. */
export const ROW = ".row[data-path], td[data-path], .field";

/** An element with properties and children. */
export const make = (tag, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
};

/** Says something to those who do not see it. */
export const announce = (text) => { const place = $("#announce"); if (place) place.textContent = text; };

// Storage may be forbidden or full: then nothing is remembered.
const storage = (name) => ({
  get(key) { try { return globalThis[name].getItem(key); } catch { return null; } },
  set(key, value) { try { globalThis[name].setItem(key, value); return true; } catch { return false; } },
  drop(key) { try { globalThis[name].removeItem(key); } catch { /* Then there is none. */ } },
  keys() { try { return Object.keys(globalThis[name]); } catch { return []; } },
});
/** Of this tab. */
export const tab = storage("sessionStorage");
/** Of this browser. */
export const browser = storage("localStorage");

export const parsed = (text, otherwise) => { try { return JSON.parse(text) ?? otherwise; } catch { return otherwise; } };

// The server's time, by which claims run: the reader's own clock may be wrong.
let ahead = 0;
export const setClock = (said) => { const at = Date.parse(said ?? ""); if (!Number.isNaN(at)) ahead = at - Date.now(); };
export const now = () => Date.now() + ahead;

export const duration = (millis) => {
  const minutes = Math.max(0, Math.floor(millis / 60000));
  if (minutes < 1) return "less than a minute";
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 1440) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `${Math.floor(minutes / 1440)} d ${Math.floor((minutes % 1440) / 60)} h`;
};

/** What is left of a claim; empty once it is over. */
export const left = (millis) => {
  if (millis <= 0) return "";
  return millis < 60000 ? `${Math.ceil(millis / 1000)} s left` : `${duration(millis)} left`;
};

/** By when, in one unit: as the server says it (`labels.rs`). */
export const due = (millis) => {
  const minutes = Math.max(1, Math.floor(Math.abs(millis) / 60000));
  const rough = minutes < 60 ? `${minutes} min` : minutes < 1440 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1440)} d`;
  return millis > 0 ? `due in ${rough}` : `overdue by ${rough}`;
};

const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const hour = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const say = (element, text) => { if (element.textContent !== text) element.textContent = text; };

/** Times in the reader's own zone, and running. */
export const tellTimes = (root = document) => {
  for (const time of all("time", root)) {
    const at = new Date(time.dateTime);
    time.title = day.format(at);
    if ("at" in time.dataset) say(time, at.toDateString() === new Date().toDateString() ? hour.format(at) : day.format(at));
    if ("since" in time.dataset) say(time, duration(now() - at));
    if ("dueAt" in time.dataset) {
      say(time, due(at - now()));
      time.closest("[data-due]")?.classList.toggle("overdue", at <= now());
    }
    if ("until" in time.dataset) {
      const text = left(at - now());
      if (text) { say(time, text); continue; }
      // Over by its own word, whatever anybody has noticed yet.
      const claim = time.closest("[data-claim]");
      if (!claim) continue;
      if (claim.classList.contains("who")) claim.remove();
      else { claim.className = "free"; claim.removeAttribute("data-claim"); claim.title = "Nobody is reviewing this"; claim.textContent = "Not claimed"; }
    }
  }
};

/** Asks in a dialog; answers with the value of the button that was pressed, or "" if it was closed. */
export const ask = (title, content, buttons) => new Promise((resolve) => {
  const heading = make("h2", { id: "ask-title", textContent: title });
  const form = make("form", { method: "dialog" }, ...content, make("div", { className: "buttons" }, ...buttons.map(([value, text, kind]) => make("button", { value, textContent: text, className: kind ?? "", autofocus: !value }))));
  const dialog = make("dialog", {}, heading, form);
  dialog.setAttribute("aria-labelledby", "ask-title");
  dialog.addEventListener("close", () => { dialog.remove(); resolve(dialog.returnValue); });
  document.body.append(dialog);
  dialog.showModal();
});
