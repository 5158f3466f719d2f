// What is to check: from one to the next by Enter, confirmed as read by Space, counted down; approving asks about what is left.
import { $, ROW, all, announce, ask, browser, make, parsed, tab } from "./dom.js";

/** The next item that is not read, after `at` (-1: before the first), forwards or backwards, around the end; -1 if there is none. */
export const following = (items, at, step) => {
  const count = items.length;
  for (let round = 1; round <= count; round += 1) {
    const from = at < 0 && step < 0 ? 0 : at;
    const index = (((from + step * round) % count) + count) % count;
    if (!items[index].isRead) return index;
  }
  return -1;
};

/** What the strip says. */
export const said = (left, total) => {
  if (!total) return "";
  return left ? `${left} to check` : "All checked";
};

/** Whether approving asks first. */
export const asksFirst = (left, never) => left > 0 && !never;

const NEVER = "approve-unchecked";
// Whose: tabs outlive sessions.
const key = () => `read:${$("#correction")?.dataset.draft}`;
/** What a control held when the page came: that is what somebody has read. */
export const heldBy = (control) => {
  if (control?.options) return [...control.options].find((option) => option.defaultSelected)?.value ?? "";
  return control?.defaultValue ?? control?.textContent ?? "";
};
/** The ids that were confirmed, and hold what they held then: `[[id, value], …]`. */
export const stillRead = (confirmed, held) => new Set(confirmed.filter(([id, value]) => held(id) === value).map(([id]) => id));
const rowOf = (control) => control?.closest(ROW) ?? control;

let items = [];
let current = -1;

// What is wrong with a sum may be mended in another cell of its row.
const partOf = (row) => (row?.dataset.check === "sum" ? (row.closest("tr") ?? row) : row);
const isChanged = (cell, row = partOf(cell)) => Boolean(row?.matches(".typed") || row?.querySelector(".typed") || row?.closest("tr, .item")?.querySelector(".take-out :checked"));
// A chip is of one value, or of a whole row that is doubted alike.
const rowsOf = (chip, control) => ("row" in chip.dataset && control ? all("td[data-check]", control.closest("tr")) : [rowOf(control)]).filter(Boolean);

const count = () => items.filter((item) => !item.isRead).length;

const draw = () => {
  const left = count();
  for (const [index, item] of items.entries()) {
    item.chip.classList.toggle("read", item.isRead);
    item.chip.classList.toggle("on", index === current && !item.isRead);
    for (const row of item.rows) {
      row.classList.toggle("to-check", !item.isRead);
      row.classList.toggle("is-read", item.isRead);
    }
    item.chip.querySelector(".visually-hidden")?.remove();
    if (item.isRead) item.chip.append(make("span", { className: "visually-hidden", textContent: " (checked)" }));
  }
  const place = $("[data-left]");
  if (!place) return;
  place.replaceChildren(Object.assign(make("span", { textContent: left ? "▲ " : "✓ " }), { ariaHidden: "true" }), said(left, items.length));
  place.parentElement.classList.toggle("all-read", !left);
  document.dispatchEvent(new CustomEvent("desk:checked"));
};

const remember = () => tab.set(key(), JSON.stringify(items.filter((item) => item.isConfirmed).map((item) => [item.id, heldBy(item.control)])));

/** Begins with the strip and the fields that are on the page now. */
export const begin = () => {
  const read = stillRead(parsed(tab.get(key()), []), (id) => heldBy(document.getElementById(id)));
  const before = items[current]?.id;
  items = all("#to-check .chip:not(.all)").map((chip) => {
    const id = chip.hash.slice(1);
    const control = document.getElementById(id);
    const rows = rowsOf(chip, control);
    return { id, chip, control, row: rowOf(control), rows, isConfirmed: read.has(id), isRead: read.has(id) || rows.some((row) => isChanged(row)) };
  });
  current = items.findIndex((item) => item.id === before);
  for (const keys of all("#to-check .keys")) keys.hidden = !items.length;
  draw();
};

const open = (index) => {
  current = index;
  const { control, row } = items[index];
  document.dispatchEvent(new CustomEvent("desk:reveal", { detail: row }));
  for (let at = control?.closest("details"); at; at = at.parentElement?.closest("details")) at.open = true;
  control?.focus({ preventScroll: true });
  row?.scrollIntoView({ block: "center", inline: "nearest" });
  control?.select?.();
  draw();
};

// Where one is: the item that has the focus, else the last one before it in the page.
const here = () => {
  const at = document.activeElement;
  const inside = items.findIndex((item) => item.rows.some((row) => row.contains(at)));
  if (inside >= 0) return inside;
  if (!at || at === document.body || !at.closest("#fields")) return current;
  return items.findLastIndex((item) => item.control && item.control.compareDocumentPosition(at) & Node.DOCUMENT_POSITION_FOLLOWING);
};

/** To the next or the previous one. */
export const go = (step) => {
  const to = following(items, here(), step);
  if (to < 0) { announce(items.length ? "Nothing is left to check. Control Enter approves." : "Nothing is marked to check."); return false; }
  open(to);
  return true;
};

/** Confirms the one that has the focus, or was visited last, and goes on. */
export const confirm = () => {
  const at = here();
  const item = items[at];
  if (!item) return false;
  item.isRead = true;
  item.isConfirmed = true;
  remember();
  current = at;
  draw();
  announce(`${item.chip.firstChild.textContent}: as read. ${said(count(), items.length)}.`);
  if (following(items, at, 1) >= 0) go(1);
  return true;
};

/** Whether the reviewer wants to approve: asks about what is not checked, unless told not to. */
export const mayApprove = async () => {
  const left = items.filter((item) => !item.isRead);
  if (!asksFirst(left.length, browser.get(NEVER) === "1")) return true;
  const names = left.slice(0, 8).map((item) => item.chip.textContent.trim()).join(", ");
  const box = make("input", { type: "checkbox" });
  const content = [make("p", { textContent: `Not checked: ${names}${left.length > 8 ? ` and ${left.length - 8} more` : ""}.` }), make("label", { className: "check" }, box, " Do not ask again in this browser")];
  const answer = await ask(`Approve with ${said(left.length, items.length)}?`, content, [["yes", "Approve anyway", "primary"], ["", "Check first"]]);
  if (answer === "yes" && box.checked) browser.set(NEVER, "1");
  if (answer !== "yes") go(1);
  return answer === "yes";
};

export const listen = () => {
  document.addEventListener("desk:shown", begin);
  document.addEventListener("desk:typed", () => {
    for (const item of items) item.isRead = item.isConfirmed || item.rows.some((row) => isChanged(row));
    draw();
  });
  document.addEventListener("click", (event) => {
    const chip = event.target.closest?.("#to-check .chip");
    if (!chip) return;
    const index = items.findIndex((item) => item.chip === chip);
    if (index < 0 || !items[index].control) return;
    event.preventDefault();
    open(index);
  });
};
