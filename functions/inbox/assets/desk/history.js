// The drawer and the menus close as one expects; ids are copied; and where a review is in the queue that one came from.
import { $, all, announce, parsed, tab } from "./dom.js";

const LIST = "desk:queue";

/** Remembers the rows of the queue, in their order. */
export const remember = (addresses, isWhole) => tab.set(LIST, JSON.stringify({ addresses, isWhole }));

/** Where an address is in that list, and its neighbours; null if it is not in it. */
export const placeIn = (list, address) => {
  const path = (it) => it.split("?")[0];
  const at = (list?.addresses ?? []).findIndex((it) => path(it) === path(address));
  if (at < 0) return null;
  const { addresses, isWhole } = list;
  return { text: `${at + 1} of ${addresses.length}${isWhole ? "" : "+"}`, before: addresses[at - 1] ?? null, after: addresses[at + 1] ?? null };
};

const showPlace = () => {
  const [place, review] = [$("#place"), $("[data-review]")];
  const found = place && review && placeIn(parsed(tab.get(LIST), null), review.dataset.review);
  if (!found) return;
  place.hidden = false;
  $("[data-place]", place).textContent = found.text;
  for (const [step, address] of [["-1", found.before], ["1", found.after]]) {
    const link = $(`[data-step="${step}"]`, place);
    if (address) { link.href = address; link.removeAttribute("aria-disabled"); } else { link.removeAttribute("href"); link.setAttribute("role", "link"); link.setAttribute("aria-disabled", "true"); }
  }
};

const copy = async (button) => {
  const said = button.firstChild;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    said.textContent = "Copied";
  } catch {
    // Forbidden: it is selected, to be copied by hand.
    getSelection().selectAllChildren(button.previousElementSibling);
    said.textContent = "Selected";
  }
  announce(said.textContent);
  setTimeout(() => { said.textContent = "Copy"; }, 3000);
};

export const listen = () => {
  document.addEventListener("desk:shown", () => {
    showPlace();
    for (const button of all("[data-copy]")) button.hidden = false;
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-copy]");
    if (button) copy(button);
    // One at a time; and a click beside it closes it.
    for (const details of all("details:is(.menu, .drawer, .ask)[open]")) if (!details.contains(event.target) && !event.target.closest?.("dialog") && document.contains(event.target)) details.open = false;
  });
};
