// Forms of a review are sent by fetch: place and focus stay, and the answer's parts are put where the old ones were.
import { $, all, make, parsed, setClock, tab, tellTimes } from "./dom.js";
import { mayApprove } from "./checks.js";
import { begin, currentForm, fill, leave, values } from "./draft.js";
import { endSession, oneByOne, parse, tell, tellBriefly } from "./live.js";

/** What is said of an answer that is no page of ours, and so says nothing itself: API Gateway's own, or that of something in between. */
export const refusal = (status) => {
  if (status === 413) return "Not done: this is more than can be sent at once. What you typed stays on this page: save it in parts, or through the API. ";
  if (status === 429 || status === 503) return "Not done: there is too much to do at the moment. What you typed stays on this page. ";
  return `Not done: the server did not say why (${status}). What you typed stays on this page. `;
};

/** What to do with an answer. */
export const outcome = ({ status, location: to, type }, path) => {
  if (status === 401) return { kind: "ended" };
  if (status === 204 && to) return { kind: to.split("?")[0] === path ? "load" : "go", address: to };
  if (type?.startsWith("text/html") && (status < 400 || [403, 409, 413, 422].includes(status))) return { kind: "show" };
  return type?.startsWith("text/html") ? { kind: "failed" } : { kind: "refused", text: refusal(status) };
};

/** Whether an answer is the page that was asked for: what is not must not be taken for it, nor for the answer to what was done before. */
export const isPage = ({ ok, type }) => Boolean(ok && type?.startsWith("text/html"));

/** What was typed while the answer was on its way. */
export const since = (before, after) => [...after].filter(([name, text]) => before.has(name) && before.get(name) !== text);

const path = () => $("[data-review]").dataset.review;

const focusOf = () => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const selection = "selectionStart" in at && at.type !== "checkbox" ? [at.selectionStart, at.selectionEnd] : null;
  return { id: at.id, name: at.name, selection };
};
const focusAgain = (focus) => {
  if (!focus) return;
  const at = (focus.id && document.getElementById(focus.id)) || (focus.name && currentForm()?.elements[focus.name]);
  if (!at?.focus) return;
  at.focus({ preventScroll: true });
  if (focus.selection) try { at.setSelectionRange(...focus.selection); } catch { /* It has no text. */ }
};

/** One sentence that is good news passes; all else stays where it is. */
export const passGoodNews = () => {
  const before = parsed(tab.get("desk:done"), null);
  tab.drop("desk:done");
  for (const notice of all("#notices > .notice.good")) {
    if (notice.children.length) continue;
    if (!before) tellBriefly(notice.textContent);
    notice.remove();
  }
  if (before) tellBriefly(`${before.text} `, make("a", { href: before.path, textContent: "Open it again" }));
};

/** Shows a page in the place of this one, part by part. */
export const show = (html, typedBefore) => {
  const page = parse(html);
  const next = $("[data-review]", page);
  if (!next) {
    const text = [...page.querySelectorAll("main h1, main p")].map((it) => it.textContent).join(" ");
    tell("failed", `Not done. ${text}`);
    return;
  }
  tell("failed");
  tell("news");
  const late = typedBefore ? since(typedBefore, values()) : [];
  const focus = focusOf();
  const places = all("[data-scroll]").map((it) => it.scrollTop);
  const open = all("details.drawer[open]").map((it) => it.id);
  const review = $("[data-review]");
  for (const name of Object.keys(review.dataset)) delete review.dataset[name];
  Object.assign(review.dataset, next.dataset);
  for (const part of all("[data-part][id]")) {
    const other = page.getElementById(part.id);
    if (other) part.replaceWith(document.adoptNode(other));
  }
  document.title = page.title;
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  shown(false);
  if (late.length) fill(late);
  all("[data-scroll]").forEach((it, index) => { it.scrollTop = places[index] ?? 0; });
  if (!focusNotice()) focusAgain(focus);
};

/** What is wrong has the focus. */
export const focusNotice = () => {
  const wrong = $("#notices .notice.bad, #notices .notice.news, main > .notice.bad, main > .notice.news");
  wrong?.scrollIntoView({ block: "nearest" });
  wrong?.focus({ preventScroll: true });
  return Boolean(wrong);
};

/** After a page, or parts of one, were put in place. */
export const shown = (isNewPage) => {
  const review = $("[data-review]");
  setClock(review?.dataset.now);
  begin(isNewPage);
  if (review) passGoodNews();
  // The address of what is shown: a form's own, or what it says was done, is nothing to come back to.
  const here = $("[data-here]")?.dataset.here;
  if (here && here !== location.pathname + location.search) history.replaceState(null, "", here + location.hash);
  tellTimes();
  document.dispatchEvent(new CustomEvent("desk:shown", { detail: { isNewPage } }));
};

const load = async (address, before) => {
  const answer = await fetch(address, { redirect: "error", cache: "no-store" });
  setClock(answer.headers.get("date"));
  if (answer.status === 401) { endSession(); return; }
  if (isPage({ ok: answer.ok, type: answer.headers.get("content-type") })) show(await answer.text(), before);
  else tell("failed", "Done, but this page could not be loaded again. ", make("a", { href: address, textContent: "Load it" }));
};

/** What is said of it on the next page: an approval of several is not yet the approval. */
const approved = (button) => {
  const [title, partial] = [$("h1").textContent, button.dataset.partial];
  return partial ? `Your approval of ${title} counts: ${partial}.` : `Approved ${title}.`;
};

let isSending = false;
const send = async (form, button) => {
  const address = button?.hasAttribute("formaction") ? button.formAction : form.action;
  const before = values();
  // The stamp may have moved while an earlier call was on its way.
  const data = new FormData(form, button ?? undefined);
  data.set("version_stamp", form.elements.version_stamp.value);
  const answer = await fetch(address, { method: "POST", headers: { "X-Desk": "1" }, body: new URLSearchParams(data), redirect: "error" });
  setClock(answer.headers.get("date"));
  const to = outcome({ status: answer.status, location: answer.headers.get("x-location"), type: answer.headers.get("content-type") }, path());
  if (to.kind === "ended") endSession();
  else if (to.kind === "refused") throw Object.assign(new Error(String(answer.status)), { said: to.text });
  else if (to.kind === "load") await load(to.address, before);
  else if (to.kind === "go") {
    if (address.endsWith("/approve-next")) tab.set("desk:done", JSON.stringify({ text: approved(button), path: path() }));
    tab.drop(`draft:${form.dataset.draft}`);
    leave();
    document.dispatchEvent(new CustomEvent("desk:left"));
    location.assign(to.address);
  } else show(await answer.text(), before);
};

const submit = async (form, button) => {
  if (isSending) return;
  isSending = true;
  if (button && "approve" in button.dataset && !(await mayApprove())) { isSending = false; return; }
  button?.setAttribute("aria-busy", "true");
  try { await oneByOne(() => send(form, button)); } catch (error) {
    tell("failed", error.said ?? "Not done: the server cannot be reached. What you typed stays on this page. ", make("button", { type: "button", textContent: "Try again", onclick: () => { tell("failed"); submit(currentForm(), button?.isConnected ? button : document.getElementById(button?.id)); } }));
  }
  isSending = false;
  button?.removeAttribute("aria-busy");
};

export const isBusy = () => isSending;

export const listen = () => {
  document.addEventListener("submit", (event) => {
    const [form, button] = [event.target, event.submitter];
    if (event.defaultPrevented) return;
    // A double click sends a form once.
    if (form.dataset.sent) { event.preventDefault(); return; }
    const isSignOut = button?.formAction?.endsWith("/sign-out");
    if (form.id === "correction" && !isSignOut && !("native" in (button?.dataset ?? {}))) {
      event.preventDefault();
      submit(form, button);
      return;
    }
    if (form.method !== "post") return;
    form.dataset.sent = "1";
    button?.setAttribute("aria-busy", "true");
    setTimeout(() => { delete form.dataset.sent; button?.removeAttribute("aria-busy"); }, 4000);
  });
  window.addEventListener("pageshow", () => all("form").forEach((form) => { delete form.dataset.sent; }));
  // Enter in a field of one line presses the button beside it, and not the form's first.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || event.ctrlKey || event.metaKey || !event.target.dataset?.enter) return;
    event.preventDefault();
    document.getElementById(event.target.dataset.enter)?.click();
  });
};
