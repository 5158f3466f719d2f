// Parts of a page that change by themselves, and what is said about them: one message at a time, always in view.
import { $, all, announce, make, setClock, tellTimes } from "./dom.js";

// What matters most comes first.
const MESSAGES = ["ended", "session", "failed", "offline", "news", "done"];
const messages = new Map();
let shown = null;

/** The message that is shown, of those that there are. */
export const first = (kinds) => MESSAGES.find((it) => kinds.includes(it)) ?? null;

/** Says something until it is taken back, by the same kind without content. */
export const tell = (kind, ...content) => {
  if (content.length) messages.set(kind, content); else messages.delete(kind);
  const top = first([...messages.keys()]);
  const next = messages.get(top) ?? null;
  if (next === shown) return;
  shown = next;
  const strip = $("#strip");
  strip.className = top ?? "";
  strip.hidden = !next;
  strip.replaceChildren(...(next ?? []));
  tellTimes(strip);
  announce(next ? strip.textContent : "");
};

let passing;
/** Says something for a while. */
export const tellBriefly = (...content) => {
  clearTimeout(passing);
  tell("done", ...content);
  passing = setTimeout(() => tell("done"), 8000);
};

/** A button that sends what is typed along, or, where nothing can be typed, a link to the same page. */
export const withTyped = (text) => {
  const form = $("#correction");
  const button = make(form ? "button" : "a", { textContent: text });
  if (form) { button.setAttribute("form", "correction"); button.formAction = `${$("[data-review]").dataset.review}/merge`; button.dataset.native = ""; } else button.href = location.href;
  return button;
};

// The session has ended: said once; what is typed is kept while signing in.
let ended = false;
export const endSession = () => {
  if (ended) return;
  ended = true;
  tell("ended", "Your session has ended. What you type stays on this page. ", withTyped("Sign in again"));
};
export const hasEnded = () => ended;

// One call after the other: each needs the stamp that the one before it led to.
let last = Promise.resolve();
export const oneByOne = (work) => {
  const done = last.then(work);
  last = done.catch(() => {});
  return done;
};

const tags = new Map();
/** A part of a page, if it has changed since it was asked for last; `null` otherwise. */
export const fetchPart = async (address) => {
  const headers = tags.has(address) ? { "If-None-Match": tags.get(address) } : {};
  const answer = await fetch(address, { headers, redirect: "error", cache: "no-store" });
  setClock(answer.headers.get("date"));
  if (answer.status === 304) return null;
  if (answer.status === 401) { endSession(); return null; }
  if (!answer.ok) throw new Error(String(answer.status));
  tags.set(address, answer.headers.get("etag"));
  return answer.text();
};

export const parse = (html) => new DOMParser().parseFromString(html, "text/html");

/** Puts a part in its place; what is open or has the focus there stays so. */
export const replace = (place, html) => {
  const focused = place.contains(document.activeElement) ? document.activeElement.id : "";
  const open = all("details[open][id]", place).map((details) => details.id);
  place.replaceChildren(...parse(html).body.childNodes);
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  tellTimes(place);
};

/** How long to wait after that many failures. */
export const pause = (seconds, failures) => Math.min(seconds * 2 ** failures, 120) * 1000;

export const offline = () => tell("offline", `Not up to date: the server cannot be reached.${$("#correction") ? " What you type stays on this page." : ""}`);

/** Does some work again and again, while the page is looked at. */
export const every = (seconds, work) => {
  let failures = 0;
  let timer;
  const again = () => { timer = setTimeout(run, pause(seconds, failures)); };
  const run = async () => {
    if (document.visibilityState === "visible" && !ended) {
      try { await work(); failures = 0; tell("offline"); } catch {
        failures += 1;
        // One answer can get lost.
        if (failures >= 2 || !navigator.onLine) offline();
      }
    }
    again();
  };
  const atOnce = () => { clearTimeout(timer); run(); };
  window.addEventListener("offline", offline);
  window.addEventListener("online", atOnce);
  window.addEventListener("pageshow", (event) => { if (event.persisted) atOnce(); });
  again();
};
