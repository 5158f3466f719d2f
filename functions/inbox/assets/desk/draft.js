// What is typed is kept in this tab until it is saved, and only what was typed is sent.
import { $, ROW, make, parsed, tab } from "./dom.js";

export const isOutput = (name) => /^([fkej]\/|j$|snapshot$)/.test(name);
/** The place of a field of the output: of its value, and of what it is. */
const placeOf = (name) => name.replace(/^[a-z](?=\/)/, "");
/** How many values were changed: a value and what it is are one. */
export const counted = (names) => new Set(names.filter((name) => /^[a-z](\/|$)|^snapshot$/.test(name)).map(placeOf)).size;
/** Which fields need not be sent: those untouched, and what a value is only with its value. */
export const unsent = (names, touched) => {
  const places = new Set([...touched].filter((name) => /^[fkn]\//.test(name)).map(placeOf));
  return names.filter((name) => isOutput(name) && !touched.has(name) && !(name.startsWith("k/") && places.has(placeOf(name))));
};
const value = (field) => (field.type === "checkbox" ? String(field.checked) : field.value);
const isTypedInto = (field) => field.name && !["from", "to"].includes(field.name) && field.type !== "hidden" && field.type !== "radio" && field.tagName !== "BUTTON";

/** The fields, as pairs of name and value, that differ from what they held at first. */
export const differing = (pairs, first) => pairs.filter(([name, text]) => text !== first.get(name));

/** Which draft an action has made needless. */
export const settled = (done, key) => {
  const ofCorrection = key.replace(/\/reopen$/, "");
  if (["saved", "approved", "rejected", "escalated"].includes(done)) return ofCorrection;
  // The server goes on by this only where nothing else was typed.
  if (done === "commented") return key;
  return done === "reopened" ? `${ofCorrection}/reopen` : null;
};

/** Leaves nothing of a reader behind in this tab. */
export const dropAll = () => tab.keys().filter((key) => /^(draft|read|desk):/.test(key)).forEach((key) => tab.drop(key));

let form = null;
let first = new Map();
let leaving = false;

export const currentForm = () => form;
const fields = () => (form ? [...form.elements].filter(isTypedInto) : []);
const pairs = () => fields().map((field) => [field.name, value(field)]);
/** The fields that hold something typed. */
export const changed = () => differing(pairs(), first);
export const values = () => new Map(pairs());
const key = () => `draft:${form.dataset.draft}`;
export const leave = () => { leaving = true; };

// What the fields would hold had nobody typed. Of the output's, the server marks what was typed, kept and not saved; all others
// would be empty.
const untouched = (field) => {
  if (field.name.startsWith("k/")) return value(field);
  if (isOutput(field.name)) return field.closest(".typed, .wrong:not(.refused)") ? null : value(field);
  return field.type === "checkbox" ? "false" : "";
};
const mark = (field) => {
  const row = field.closest(ROW);
  if (!row) return;
  row.classList.toggle("typed", value(field) !== first.get(field.name));
  // What was said of the value that was there is not said of another: a date in words, what is wrong, what does not add up.
  for (const it of row.querySelectorAll(".words, .advice")) it.hidden = row.matches(".typed");
  const line = row.closest("tr");
  for (const it of line?.querySelectorAll("[data-check=sum] .advice") ?? []) it.hidden = Boolean(line.querySelector(".typed"));
};

const keep = () => {
  const typed = changed();
  if (typed.length) tab.set(key(), JSON.stringify({ seq: form.elements.base_seq.value, rev: form.elements.version_stamp.value, typed })); else tab.drop(key());
};

/** How many changes there are, beside the note and the reasons. */
const tellCount = () => {
  const place = $("[data-changes]");
  if (!place) return;
  const count = counted(changed().map(([name]) => name));
  place.hidden = count === 0;
  place.textContent = count === 1 ? "1 change" : `${count} changes`;
  document.dispatchEvent(new CustomEvent("desk:typed"));
};

/** Puts what was typed into the fields. */
export const fill = (typed) => {
  for (const [name, text] of typed) {
    const field = fields().find((it) => it.name === name);
    if (!field) continue;
    if (field.type === "checkbox") field.checked = text === "true"; else field.value = text;
    field.closest("details")?.setAttribute("open", "");
    mark(field);
  }
  keep();
  tellCount();
};

// It was typed into another version, or another view of it: the server puts it onto this one.
const sendBack = (kept) => {
  const old = [["form_token", form.elements.form_token.value], ["base_seq", kept.seq], ["version_stamp", kept.rev], ...kept.typed.filter(([name, text]) => !(name.startsWith("x") && text === "false"))];
  const made = make("form", { method: "post", action: `${$("[data-review]").dataset.review}/merge`, hidden: true }, ...old.map(([name, text]) => make("textarea", { name, value: text })));
  document.body.append(made);
  leaving = true;
  made.submit();
};

const offer = (kept) => {
  const notice = make("div", { className: "notice kept" }, "You typed something here before and did not save it. ");
  notice.setAttribute("role", "status");
  const button = (text, work) => make("button", { type: "button", textContent: text, onclick: () => { work(); notice.remove(); } });
  const fits = kept.seq === form.elements.base_seq.value && kept.typed.every(([name]) => fields().some((it) => it.name === name));
  notice.append(button("Bring it back", () => (fits ? fill(kept.typed) : sendBack(kept))), " ", button("Drop it", () => tab.drop(key())));
  $("#notices").append(notice);
};

/** Begins with the form that is on the page now. */
export const begin = (isNewPage) => {
  form = $("#correction");
  if (!form) return;
  first = new Map(fields().map((field) => [field.name, untouched(field)]));
  const needless = settled($("[data-review]").dataset.done, key());
  if (needless) tab.drop(needless);
  tellCount();
  // What the server has brought back is what there is to keep.
  if (changed().length) { keep(); return; }
  const kept = parsed(tab.get(key()), null);
  if (!kept) return;
  if (isNewPage) offer(kept); else tab.drop(key());
};

/** What the form would send with that button. What nobody has typed into need not be sent: the server keeps it as it is. */
export const listen = () => {
  document.addEventListener("input", (event) => {
    if (!form || event.target.form !== form) return;
    mark(event.target);
    keep();
    tellCount();
  });
  document.addEventListener("formdata", (event) => {
    if (event.target !== form) return;
    for (const name of unsent(fields().map((it) => it.name), new Set(changed().map(([it]) => it)))) event.formData.delete(name);
  }, true);
  document.addEventListener("submit", (event) => { if (!event.defaultPrevented) leaving = true; });
  window.addEventListener("beforeunload", (event) => { if (!leaving && form && changed().length) event.preventDefault(); });
  window.addEventListener("pageshow", () => { leaving = false; });
};
