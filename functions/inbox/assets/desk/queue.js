// The queue keeps up to date, and nothing moves under the pointer: what is new waits until it is asked for.
import { $, all, announce, browser, make, parsed, tellTimes } from "./dom.js";
import { every, fetchPart, parse, replace } from "./live.js";
import { remember } from "./history.js";

/** What a newer list has that the shown one has not, and what it no longer has. */
export const changes = (shown, newer) => ({ added: newer.filter((id) => !shown.includes(id)), gone: shown.filter((id) => !newer.includes(id)) });

/** The workflows that are known, newest last, each once, not too many. */
export const known = (before, seen) => [...new Set([...before, ...seen])].slice(-50);

const idsOf = (root) => all("tr[data-row]", root).map((row) => row.dataset.row);

const update = (queue, html) => {
  const page = parse(html).body;
  const shown = all("tr[data-row]", queue);
  const newer = new Map(all("tr[data-row]", page).map((row) => [row.dataset.row, row]));
  const { added, gone } = changes(shown.map((row) => row.dataset.row), [...newer.keys()]);
  // Nothing is there that could move, or nothing came.
  if (!shown.length) { replace(queue, html); return; }
  for (const row of shown) {
    const other = newer.get(row.dataset.row);
    row.classList.toggle("gone", !other);
    if (!other) continue;
    [...row.cells].forEach((cell, index) => {
      if (index > 0 && cell.innerHTML !== other.cells[index].innerHTML) cell.replaceChildren(...[...other.cells[index].childNodes].map((it) => document.adoptNode(it)));
    });
    row.classList.toggle("hot", other.classList.contains("hot"));
  }
  for (const count of all(".tabs .count", queue)) {
    const other = page.querySelector(`#${count.parentElement.id} .count`);
    if (other) count.textContent = other.textContent;
  }
  queue.querySelector(".new-rows")?.remove();
  if (added.length) {
    const text = `${added.length} new: show`;
    const button = make("button", { className: "new-rows", type: "button", textContent: text, onclick: () => { replace(queue, html); keepPlaces(queue); $("a.row", queue)?.focus(); } });
    $("table.queue", queue)?.before(button);
    announce(text);
  } else if (gone.length === shown.length) replace(queue, html);
  tellTimes(queue);
};

const keepPlaces = (queue) => remember(all("a.row", queue).map((row) => row.getAttribute("href")), !$("#next-page") && !$("#first-page"));

const WORKFLOWS = "workflows";
const offerWorkflows = () => {
  const select = $("#workflow");
  if (!select) return;
  const here = [...select.options].map((option) => option.value).filter(Boolean);
  const names = known(parsed(browser.get(WORKFLOWS), []), here);
  browser.set(WORKFLOWS, JSON.stringify(names));
  for (const name of names.filter((it) => !here.includes(it))) select.append(make("option", { value: name, textContent: name }));
};

export const start = (queue) => {
  const address = new URL(location.href);
  address.searchParams.set("part", "1");
  address.searchParams.delete("done");
  keepPlaces(queue);
  offerWorkflows();
  every(Number(queue.dataset.refresh), async () => {
    const html = await fetchPart(address.href);
    if (html !== null) update(queue, html);
  });
  const form = $("#filter");
  for (const button of all("[data-apply]")) button.hidden = true;
  form?.addEventListener("change", (event) => { if (event.target.tagName === "SELECT") form.requestSubmit(); });
  // An empty field is no part of the address.
  form?.addEventListener("formdata", (event) => { for (const [name, value] of [...event.formData]) if (!value) event.formData.delete(name); });
};

export { idsOf };
