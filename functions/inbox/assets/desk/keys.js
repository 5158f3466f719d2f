// Shortcuts, and their list.
import { $, all, browser, make } from "./dom.js";
import { addAbove, takeOut } from "./cells.js";
import { confirm, go } from "./checks.js";
import { isBusy } from "./save.js";

/** What the keys do, as the help lists them. */
export const KEYS = [
  ["Enter", "to the next to check", "desk"],
  ["Shift Enter", "to the one before", "desk"],
  ["Space, in a field Ctrl Space", "confirm as read", "desk"],
  ["Alt Insert", "a new row above this one", "desk"],
  ["Alt Delete", "take out the row, or put it back", "desk"],
  ["Alt Page Up, Alt Page Down", "scroll the document", "desk"],
  ["Alt M", "to the next place of the value", "desk"],
  ["Ctrl Enter", "approve, and on to the next review", "desk"],
  ["Ctrl S", "save", "desk"],
  ["Esc", "leave the field, close what is open", ""],
  ["/", "find a field; in the queue: search", ""],
  ["1 2 3", "all fields, those to check, those changed", "desk"],
  ["f", "to the first field", "desk"],
  ["a", "to Approve", "desk"],
  ["s", "save", "desk"],
  ["x", "reject", "desk"],
  ["e", "escalate", "desk"],
  ["c", "claim", "desk"],
  ["l", "release", "desk"],
  ["h", "history", "desk"],
  ["[ ]", "the review before, the one after", "desk"],
  ["n", "start reviewing, or review next", ""],
  ["j k", "next, previous review of the queue", "queue"],
  ["g", "to the queue", ""],
  ["?", "this help", ""],
];

const LETTERS = { s: "use", a: "use", x: "use", e: "use", c: "use", l: "use", h: "use", n: "use", g: "use", j: "down", k: "up", f: "field", "/": "find", "?": "help", "[": "before", "]": "after", 1: "all", 2: "check", 3: "changed" };

/**
 * The command for a key, or null. `typing`: the focus is in a field; `multiline`: in one of several lines, where Enter is a line;
 * `onControl`: on a button or link, which has its own Enter and Space; `inDialog`: then all keys are the dialog's.
 */
export const commandFor = ({ key, ctrl, shift, alt, typing, multiline, onControl, inDialog, letters }) => {
  if (inDialog) return null;
  if (alt) return ctrl || shift ? null : { Delete: "out", Insert: "above" }[key] ?? null;
  if (ctrl) {
    if (key === "Enter") return "approve";
    if (key.toLowerCase() === "s" && !shift) return "save";
    return key === " " ? "read" : null;
  }
  if (key === "Escape") return "leave";
  if (key === "Enter") {
    if (multiline || onControl || (!typing && !letters)) return null;
    return shift ? "back" : "next";
  }
  if (typing || !letters) return null;
  if (key === " ") return onControl ? null : "read";
  return LETTERS[key] ?? null;
};

const lettersOn = () => browser.get("shortcuts") !== "off";

export const help = () => {
  let dialog = $("#help");
  if (!dialog) {
    const where = $("[data-review]") ? "desk" : "queue";
    const list = make("dl");
    for (const [keys, text] of KEYS.filter(([, , of]) => !of || of === where)) list.append(make("dt", {}, make("kbd", { textContent: keys })), make("dd", { textContent: text }));
    const choice = (name, on, off, text) => {
      const box = make("input", { type: "checkbox", checked: browser.get(name) !== off });
      box.addEventListener("change", () => browser.set(name, box.checked ? on : off));
      return make("p", {}, make("label", { className: "check" }, box, text));
    };
    dialog = make("dialog", { id: "help" }, make("h2", { id: "help-title", textContent: "Shortcuts" }), list,
      choice("shortcuts", "on", "off", " Single keys work as shortcuts"), choice("approve-unchecked", "0", "1", " Ask before approving with fields not checked"),
      make("form", { method: "dialog" }, make("button", { textContent: "Close" })));
    dialog.setAttribute("aria-labelledby", "help-title");
    document.body.append(dialog);
  }
  if (!dialog.open) dialog.showModal();
};

const move = (step) => {
  const rows = all("a.row");
  if (!rows.length) return;
  const here = rows.indexOf(document.activeElement);
  rows[Math.min(Math.max(here < 0 && step < 0 ? 0 : here + step, 0), rows.length - 1)].focus();
};

const use = (key) => {
  const target = $(`[data-key="${key}"]`);
  if (!target) return;
  if (target.tagName === "SUMMARY") {
    target.parentElement.open = true;
    $("textarea, input, .panel[tabindex]", target.parentElement)?.focus();
  } else if (key === "a") {
    target.focus();
  } else target.click();
};

const leave = (event) => {
  const open = event.target.closest("details.menu[open], details.ask[open], details.drawer[open], .standing details[open]") ?? $("details.menu[open], details.drawer[open]");
  if (open) { open.open = false; $("summary", open)?.focus(); return; }
  event.target.blur?.();
};

const run = (command, event) => {
  switch (command) {
    // It is there and not shown while what is typed could not be approved by who typed it.
    case "approve": if (!isBusy() && $("#approve")?.checkVisibility()) $("#approve").click(); return;
    case "save": if (!isBusy()) $("#save")?.click(); return;
    case "read": confirm(); return;
    case "out": takeOut(event.target); return;
    case "above": addAbove(event.target); return;
    case "next": case "back":
      if (!go(command === "next" ? 1 : -1)) document.dispatchEvent(new CustomEvent("desk:step", { detail: command === "next" ? 1 : -1 }));
      return;
    case "leave": leave(event); return;
    case "down": move(1); return;
    case "up": move(-1); return;
    case "field": $(".fields input, .fields textarea, .fields select, #snapshot")?.focus(); return;
    case "find": $("#find, #q")?.focus(); return;
    case "help": help(); return;
    case "before": $('[data-step="-1"][href]')?.click(); return;
    case "after": $('[data-step="1"][href]')?.click(); return;
    case "all": case "check": case "changed": $(`[data-show="${command}"]`)?.click(); return;
    default: use(event.key);
  }
};

export const listen = () => {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.defaultPrevented) return;
    const at = event.target;
    // A dialog that has just been closed keeps the focus until the next frame: the key after Escape is meant for the page.
    const command = commandFor({
      key: event.key, ctrl: event.ctrlKey || event.metaKey, shift: event.shiftKey, alt: event.altKey, letters: lettersOn(),
      inDialog: Boolean(at.closest("dialog[open]")), typing: at.matches("input:not([type=checkbox], [type=radio]), textarea, select"),
      multiline: at.matches("textarea, [type=search]"), onControl: at.matches("button, a, summary, input[type=checkbox], input[type=radio], [role=separator], [role=tab]"),
    });
    // Of a page without a form these are the browser's own.
    if (!command || (["approve", "save", "read", "next", "back"].includes(command) && !$("#correction"))) return;
    if (["next", "back"].includes(command) && at.form && at.form !== $("#correction")) return;
    if (command !== "leave") event.preventDefault();
    run(command, event);
  });
  document.addEventListener("click", (event) => { if (event.target.closest?.("[data-help]")) help(); });
};

/** Shows what is of use with a script only. */
export const reveal = () => { for (const it of all("[data-help], button kbd, .search kbd, .chip.all")) it.hidden = false; };
