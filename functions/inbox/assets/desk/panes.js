// The two panes: how wide each is, which is shown where there is room for one; and which fields are shown.
import { $, all, announce, browser } from "./dom.js";

/** The width of the document's pane in percent, within its bounds. */
export const clampSplit = (percent) => (Number.isFinite(percent) ? Math.min(80, Math.max(20, Math.round(percent))) : 52);

/** Where a key moves the border to. */
export const splitAfter = (key, percent) => {
  const to = { ArrowLeft: percent - 2, ArrowRight: percent + 2, PageUp: percent - 10, PageDown: percent + 10, Home: 20, End: 80, Enter: 52 }[key];
  return to === undefined ? null : clampSplit(to);
};

/** Whether a field is shown: it is of the kind that is looked at, and says what is sought, word by word. */
export const isShown = ({ text, isToCheck, isChanged }, show, sought) => {
  if (show === "check" && !isToCheck) return false;
  if (show === "changed" && !isChanged) return false;
  const lower = text.toLowerCase();
  return sought.toLowerCase().split(/\s+/).every((word) => lower.includes(word));
};

const SPLIT = "split";
const setSplit = (percent) => {
  const [panes, grip] = [$(".panes"), $("#grip")];
  if (!panes || !grip) return;
  panes.style.setProperty("--split", `${(percent / (100 - percent)).toFixed(3)}fr`);
  grip.setAttribute("aria-valuenow", String(percent));
};
const split = () => clampSplit(Number(browser.get(SPLIT) ?? Number.NaN));

const startGrip = () => {
  const grip = $("#grip");
  if (!grip) return;
  grip.hidden = false;
  setSplit(split());
  const keep = (percent) => { setSplit(percent); browser.set(SPLIT, String(percent)); };
  grip.addEventListener("keydown", (event) => {
    const to = splitAfter(event.key, split());
    if (to === null) return;
    event.preventDefault();
    keep(to);
  });
  grip.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    grip.setPointerCapture(event.pointerId);
    grip.classList.add("dragged");
    const box = $(".panes").getBoundingClientRect();
    const drag = (move) => keep(clampSplit(((move.clientX - box.left) / box.width) * 100));
    const drop = () => { grip.classList.remove("dragged"); grip.removeEventListener("pointermove", drag); };
    grip.addEventListener("pointermove", drag);
    grip.addEventListener("pointerup", drop, { once: true });
    grip.addEventListener("pointercancel", drop, { once: true });
  });
  grip.addEventListener("dblclick", () => keep(clampSplit(Number.NaN)));
};

const showPane = (name) => {
  const panes = $(".panes");
  if (!panes || !$(".pane-tabs")) return;
  panes.dataset.pane = name;
  for (const it of all(".pane-tabs [role=tab]")) {
    const isChosen = it.id === `tab-${name}`;
    it.setAttribute("aria-selected", String(isChosen));
    it.tabIndex = isChosen ? 0 : -1;
  }
};

let show = "all";
let sought = "";

// Rows, and of tables their rows as a whole.
const rows = () => all("#fields .fields :is(.row, .field, tbody > tr)").filter((row) => !row.parentElement.closest("tbody > tr"));

const filter = () => {
  const body = $("#fields .fields");
  if (!body) return;
  let count = 0;
  const isAll = show === "all" && !sought.trim();
  for (const row of rows()) {
    const values = all("input, textarea, select", row).map((it) => it.value).join(" ");
    const group = row.closest(".group")?.querySelector(":scope > legend")?.textContent ?? "";
    const text = `${group} ${row.textContent} ${values}`;
    const is = isAll || isShown({ text, isToCheck: row.matches(".to-check, [data-check]") || Boolean($(".to-check, [data-check]", row)), isChanged: row.matches(".typed, .changed, .corrected") || Boolean($(".typed, .changed, .corrected", row)) }, show, sought);
    // What the server hides for a reader without a script, this shows.
    row.hidden = false;
    row.classList.toggle("unmatched", !is);
    if (is) count += 1;
  }
  for (const group of all(".group", body)) group.hidden = false;
  for (const group of all(".group", body)) group.classList.toggle("unmatched", !isAll && !$(":is(.row, .field, tbody > tr):not(.unmatched)", group));
  const none = $(".none-found");
  if (!none) return;
  none.hidden = count > 0 || isAll;
  none.textContent = { all: "No field matches.", check: "Nothing is marked to check.", changed: "Nothing is changed." }[show];
  if (!isAll) announce(`${count} fields`);
};

const counts = () => {
  const values = all("#fields .fields [data-path]:is(.row, td)").filter((it) => !it.closest("tr.new"));
  const of = { all: values.length, check: all("#to-check .chip:not(.read, .all)").length, changed: all("#fields .fields :is(.typed, .corrected, tr.gone)").length };
  for (const button of all("[data-show]")) {
    button.hidden = false;
    const name = button.textContent.replace(/\s*\d+$/, "");
    button.textContent = `${name} ${of[button.dataset.show]}`;
    const isPressed = button.dataset.show === show;
    if (button.tagName === "BUTTON") button.setAttribute("aria-pressed", String(isPressed));
    else if (isPressed) button.setAttribute("aria-current", "true"); else button.removeAttribute("aria-current");
  }
};

const shown = () => {
  for (const it of all(".find, .pane-tabs")) it.hidden = false;
  const find = $("#find");
  if (find) find.value = sought;
  if (!$("#fields .fields")) return;
  counts();
  filter();
};

/** Shows a field that a filter or a tab hides. */
const revealField = (row) => {
  if ($(".panes")?.dataset.pane === "document") showPane("fields");
  if (!row?.closest(".unmatched")) return;
  [show, sought] = ["all", ""];
  shown();
};

// From one field to the next, where there is nothing to check.
const step = (by) => {
  const controls = all("#fields .fields :is(input:not([type=checkbox], [type=hidden]), textarea, select)").filter((it) => it.getClientRects().length);
  const at = controls.indexOf(document.activeElement);
  const to = controls[at + by];
  to?.focus();
  to?.select?.();
};

export const listen = () => {
  startGrip();
  if ($(".pane-tabs")) showPane("fields");
  document.addEventListener("desk:shown", shown);
  document.addEventListener("desk:typed", () => { if ($("#fields .fields")) counts(); });
  document.addEventListener("desk:checked", () => { if ($("#fields .fields")) counts(); });
  document.addEventListener("desk:reveal", (event) => revealField(event.detail));
  document.addEventListener("desk:step", (event) => step(event.detail));
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-show]");
    if (button) { event.preventDefault(); show = button.dataset.show; counts(); filter(); }
    const tab = event.target.closest?.(".pane-tabs [role=tab]");
    if (tab) showPane(tab.id.replace("tab-", ""));
  });
  document.addEventListener("keydown", (event) => {
    if (!event.target.matches?.(".pane-tabs [role=tab]") || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    const other = all(".pane-tabs [role=tab]").find((it) => it !== event.target);
    showPane(other.id.replace("tab-", ""));
    other.focus();
  });
  document.addEventListener("input", (event) => { if (event.target.id === "find") { sought = event.target.value; filter(); } });
  document.addEventListener("keydown", (event) => {
    if (event.target.id !== "find") return;
    if (event.key === "Escape") { sought = ""; event.target.value = ""; filter(); }
    if (event.key !== "Enter") return;
    event.preventDefault();
    const found = all("#fields .fields :is(input, textarea, select)").find((it) => it.getClientRects().length);
    found?.focus();
  });
};
