// The documents beside the fields, linked both ways: the focused field's place is shown, a mark leads to its field, a word goes into it.
import { $, all, announce } from "./dom.js";
import { createViewer } from "./viewer.js";

/** What a word makes of a value: it takes its place, or is appended. */
export const withWord = (value, text, append) => (append && value.trim() ? `${value.trimEnd()} ${text}` : text);

const controlOf = (row) => row?.querySelector("input:not([type=checkbox], [type=radio], [type=hidden]), textarea, select");

/** A field as the viewer knows it. */
const fieldOf = (row) => {
  const control = controlOf(row);
  const label = control?.getAttribute("aria-label") ?? row.querySelector("label, .label")?.firstChild?.textContent ?? "";
  return { path: row.dataset.path, label: label.trim(), kind: row.dataset.kind ?? "text", value: control ? control.value : (row.querySelector(".value")?.textContent ?? "") };
};

const rows = () => all("#fields [data-path]:is(.row, td)");

const start = (root) => {
  let current = null;
  const viewer = createViewer(root, {
    announce,
    onMark: (path) => {
      const row = rows().find((it) => it.dataset.path === path);
      if (!row) return;
      document.dispatchEvent(new CustomEvent("desk:reveal", { detail: row }));
      const control = controlOf(row) ?? row;
      control.focus({ preventScroll: true });
      row.scrollIntoView({ block: "center", inline: "nearest" });
    },
    onWord: (text, { append } = {}) => {
      const control = current?.isConnected ? current : document.getElementById(current?.id ?? "");
      if (!control || control.readOnly || control.tagName === "SELECT") { announce("Choose a field first."); return; }
      control.value = withWord(control.value, text, append);
      control.dispatchEvent(new Event("input", { bubbles: true }));
      control.focus({ preventScroll: true });
    },
  });
  document.addEventListener("focusin", (event) => {
    const row = event.target.closest?.("#fields [data-path]:is(.row, td)");
    if (!row) return;
    if (event.target.matches("input, textarea, select")) current = controlOf(row);
    viewer.showField(fieldOf(row));
  });
  // A value that cannot be typed into shows its place, too.
  document.addEventListener("click", (event) => {
    const row = event.target.closest?.("#fields [data-path]:is(.row, td)");
    if (row && !controlOf(row)) viewer.showField(fieldOf(row));
  });
  const tell = () => viewer.setFields(rows().map(fieldOf));
  document.addEventListener("desk:shown", tell);
  tell();
};

if (typeof document !== "undefined" && $("[data-viewer]")) start($("[data-viewer]"));
