// Who works on a review: kept up to date, renewed while its page is open, taken by typing, given back by leaving.
import { $, all, announce, ask, make, now } from "./dom.js";
import { every, fetchPart, oneByOne, replace, tell, withTyped } from "./live.js";

/** Whether a claim is to be renewed: its own, of a page that is current, and less than a third of it left. */
export const isDue = ({ isMine, isSame, millisLeft, renewBelow, sinceLast }) =>
  // Never more often than once a minute, whatever the clocks say.
  isMine && isSame && millisLeft !== null && millisLeft <= renewBelow * 1000 && sinceLast >= 60000;

/** What typing does: nothing, claim, or ask first. */
export const onTyping = ({ isOpen, isMine, heldBy, isAsked }) => {
  if (!isOpen || isMine || isAsked) return "nothing";
  return heldBy ? "ask" : "claim";
};

const review = () => $("[data-review]");
const path = () => review().dataset.review;
const form = () => $("#correction");
const standing = () => $("#state .standing");
const isMine = () => "mine" in (standing()?.dataset ?? {});
const heldBy = () => (all("#state [data-claim]").length ? standing()?.dataset.heldBy : undefined);

let renewed = -60000;
// Whether this page has taken or renewed the claim: only then does leaving it give the claim back.
let isOurs = false;
let isAsked = false;
let hasLeft = false;

const said = () => {
  const copy = $("#state .claim, #state .free")?.cloneNode(true) ?? document.createElement("i");
  copy.querySelector(".left")?.remove();
  return copy.title || copy.textContent;
};

const show = (html) => {
  const before = said();
  replace($("#state"), html);
  // What else has changed is said where it is seen.
  const news = $("#state .notice.news");
  news?.remove();
  tell("news", ...(news?.childNodes ?? []));
  const state = standing();
  // Only claims have changed, and the page says so by now: what it shows is current.
  if (state && "same" in state.dataset) {
    review().dataset.rev = state.dataset.rev;
    if (form()) form().elements.version_stamp.value = state.dataset.rev;
  }
  if (said() === before) return;
  // What a notice has said of it is no longer so.
  for (const notice of all("#notices > .notice.good")) notice.remove();
  tell("done");
  announce(said());
};

const look = async () => {
  const html = await fetchPart(`${path()}/state?rev=${review().dataset.rev}`);
  if (html !== null) show(html);
};

const body = () => new URLSearchParams({ form_token: form().elements.form_token.value, version_stamp: review().dataset.rev, part: "1" });

const post = async (action) => {
  const answer = await fetch(`${path()}/${action}`, { method: "POST", body: body(), redirect: "error" });
  if (answer.ok) show(await answer.text());
  else if (answer.status === 409) await look();
  else if (answer.status === 403) tell("session", "You have signed in again elsewhere; this page is of the session before. ", withTyped("Show it again, with what I typed"));
  return answer.ok;
};

const renew = async () => {
  const [state, until] = [standing(), $("#state [data-claim].mine time[data-until]")];
  if (!form() || !state) return;
  const millisLeft = until ? new Date(until.dateTime) - now() : null;
  const sinceLast = performance.now() - renewed;
  if (!isDue({ isMine: isMine(), isSame: "same" in state.dataset, millisLeft, renewBelow: Number(state.dataset.renewBelow), sinceLast })) return;
  renewed = performance.now();
  isOurs = await post("claim") || isOurs;
};

const claim = () => oneByOne(async () => { if (!isMine() && form()) isOurs = await post("claim") || isOurs; }).catch(() => {});

const typing = async () => {
  const what = onTyping({ isOpen: "open" in review().dataset, isMine: isMine(), heldBy: heldBy(), isAsked });
  if (what === "nothing") return;
  if (what === "claim") { isAsked = true; await claim(); isAsked = false; return; }
  isAsked = true;
  const holder = heldBy();
  const text = make("p", { textContent: `If you take over, ${holder} will see that, and nothing they typed is lost. Otherwise what you type stays here, and whoever saves second sees both.` });
  if (await ask(`${holder} is reviewing this.`, [text], [["yes", `Take over from ${holder}`, "primary"], ["", "Leave it to them"]]) === "yes") { await claim(); isAsked = false; }
};

// Best effort: if it is lost, the claim ends by itself.
const release = () => {
  if (hasLeft || !isOurs || !isMine() || !form()) return;
  hasLeft = true;
  navigator.sendBeacon(`${path()}/release`, body());
};

export const listen = () => {
  document.addEventListener("desk:shown", () => {
    if (!isMine()) return;
    // It was taken by a button of this page, or on the way to it.
    if (review()?.dataset.done === "claimed") isOurs = true;
  });
  document.addEventListener("input", (event) => {
    const output = event.target.form === form() && event.target.type !== "search";
    if (form() && output && review()) typing();
  });
  document.addEventListener("desk:left", () => { hasLeft = true; });
  window.addEventListener("pagehide", release);
  window.addEventListener("pageshow", (event) => { if (event.persisted) hasLeft = false; });
};

export const start = () => {
  every(5, async () => { await oneByOne(look); await oneByOne(renew); });
  oneByOne(renew).catch(() => {});
};
