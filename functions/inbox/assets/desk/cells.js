// Cells of tables: rows pasted from a spreadsheet, a row taken out by a key.
import { all, announce } from "./dom.js";

/** Rows and cells that are pasted at most. */
const [ROWS, CELLS] = [500, 20_000];

/** The cells of a text that was copied in a spreadsheet; null if it is one value. A cell in quotes may hold lines, tabs and quotes. */
export const cellsOf = (text) => {
  if (!/[\t\n]/.test(text.replace(/\r?\n$/, ""))) return null;
  const rows = [[]];
  let count = 0;
  for (const [, quoted, plain, end] of text.replace(/\r\n?/g, "\n").replace(/\n$/, "").matchAll(/(?:"((?:[^"]|"")*)"(?=[\t\n]|$)|([^\t\n]*))([\t\n]|$)/g)) {
    rows.at(-1).push((quoted === undefined ? plain : quoted.replaceAll('""', '"')).trim());
    count += 1;
    if (end === "" || count >= CELLS || rows.length > ROWS) break;
    if (end === "\n") rows.push([]);
  }
  return rows.slice(0, ROWS);
};

/** The name of a field of the blank row as one of a new row: `n/lines/amount` is `n/lines/6.0/amount`. */
export const nameInRow = (name, slot) => name.replace(/\/([^/]*)$/, `/${slot}/$1`);

const controls = (row) => all("td.cell", row).map((cell) => cell.querySelector("input:not([type=hidden], [type=checkbox]), select, textarea"));

const put = (control, text) => {
  if (!control || control.readOnly) return;
  if (control.tagName === "SELECT") {
    const option = [...control.options].find((it) => [it.value, it.textContent].some((said) => said.trim().toLowerCase() === text.toLowerCase()));
    if (!option) return;
    control.value = option.value;
  } else control.value = text;
  control.dispatchEvent(new Event("input", { bubbles: true }));
};

// A new row like the blank one, above a row, or above the blank one.
const addRow = (blank, at = blank) => {
  const body = blank.parentElement;
  const before = at === blank ? all(":scope > tr:not(.new):has(> th.no)", body).length : Number(at.dataset.path.split("/").at(-1));
  const taken = all("[name]", body).map((it) => /\/(\d+)\.(\d+)\//.exec(it.name)).filter((found) => Number(found?.[1]) === before).map((found) => Number(found[2]));
  const slot = `${before}.${taken.length ? Math.max(...taken) + 1 : 0}`;
  const row = blank.cloneNode(true);
  row.classList.remove("blank");
  for (const it of all("[name]", row)) {
    it.name = nameInRow(it.name, slot);
    it.removeAttribute("id");
    if (it.type !== "hidden" && "value" in it) it.value = "";
  }
  at.before(row);
  return row;
};

const paste = (event) => {
  const cell = event.target.closest?.("table.items td.cell");
  const rows = cell && cellsOf(event.clipboardData?.getData("text/plain") ?? "");
  if (!rows) return;
  event.preventDefault();
  const first = cell.parentElement;
  const from = all("td.cell", first).indexOf(cell);
  const blank = first.parentElement.querySelector(":scope > tr.blank");
  let row = first;
  rows.forEach((texts, at) => {
    // What is pasted into the blank row, or below the last one, becomes rows of their own; the last stays blank.
    if (row === blank || !row) row = blank && addRow(blank);
    if (!row) return;
    const cells = controls(row);
    texts.forEach((text, column) => put(cells[from + column], text));
    if (at + 1 < rows.length) do row = row.nextElementSibling; while (row && row !== blank && !row.querySelector("td.cell"));
  });
  announce(`${rows.length} rows pasted.`);
};

/** Takes out the row that has the focus, or puts it back. */
export const takeOut = (at) => {
  const box = at?.closest?.("tr, .item")?.querySelector(".take-out input");
  if (!box) return false;
  box.click();
  announce(box.checked ? "The row goes. Alt Delete puts it back." : "The row stays.");
  return true;
};

/** Adds a new row above the one that has the focus. */
export const addAbove = (at) => {
  const row = at?.closest?.("table.items tbody > tr");
  const blank = row?.parentElement.querySelector(":scope > tr.blank");
  if (!blank || !(row === blank || row.dataset.path)) return false;
  controls(addRow(blank, row)).find(Boolean)?.focus();
  announce("A new row.");
  return true;
};

export const listen = () => document.addEventListener("paste", paste);
