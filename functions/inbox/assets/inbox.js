// The inbox works without this file. With it, times run, the queue and claims keep up to date, a claim renews itself while
// its page is open, what is typed survives a page that goes away, and there are shortcuts.
"use strict";
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const announce = (text) => { const place = $("#announce"); if (place) place.textContent = text; };
  const store = (name) => { try { return window[name]; } catch { return null; } };
  const drafts = store("sessionStorage");
  const dropDraft = (key) => { try { drafts?.removeItem(key); } catch { /* Then there is none. */ } };
  const settings = store("localStorage");

  // The server's time, by which claims run: the reader's own clock may be wrong.
  let ahead = 0;
  const setClock = (said) => { const at = Date.parse(said ?? ""); if (!Number.isNaN(at)) ahead = at - Date.now(); };
  setClock($("[data-now]")?.dataset.now);
  const now = () => Date.now() + ahead;

  // Times: in the reader's own zone, and running.
  const absolute = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  const duration = (millis) => {
    const minutes = Math.max(0, Math.floor(millis / 60000));
    if (minutes < 1) return "less than a minute";
    if (minutes < 60) return `${minutes} min`;
    if (minutes < 1440) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
    return `${Math.floor(minutes / 1440)} d ${Math.floor((minutes % 1440) / 60)} h`;
  };
  const say = (element, text) => { if (element.textContent !== text) element.textContent = text; };
  const tellTimes = (root = document) => {
    for (const time of all("time", root)) {
      const at = new Date(time.dateTime);
      time.title = absolute.format(at);
      if ("at" in time.dataset) say(time, absolute.format(at));
      if ("since" in time.dataset) say(time, duration(now() - at));
      if ("until" in time.dataset) {
        const left = at - now();
        if (left > 0) {
          say(time, left < 60000 ? `${Math.ceil(left / 1000)} s left` : `${duration(left)} left`);
        } else {
          // Over by its own word, whatever anybody has noticed yet.
          const claim = time.closest("[data-claim]");
          if (claim) { claim.className = "free"; claim.removeAttribute("data-claim"); claim.textContent = "Nobody is reviewing this"; }
        }
      }
    }
  };

  // One strip at the bottom of the window, whatever part of the page is looked at: one message at a time, what matters most first.
  const MESSAGES = ["ended", "session", "offline", "news"];
  const messages = new Map();
  let shown = null;
  const tell = (kind, ...content) => {
    if (content.length) messages.set(kind, content); else messages.delete(kind);
    const first = MESSAGES.find((it) => messages.has(it));
    const next = messages.get(first) ?? null;
    if (next === shown) return;
    shown = next;
    const strip = $("#strip");
    strip.className = first ?? "";
    strip.hidden = !next;
    strip.replaceChildren(...(next ?? []));
    tellTimes(strip);
    announce(next ? strip.textContent : "");
  };
  // A button that sends what is typed along, or, where nothing can be typed, a link to the same page.
  const withTyped = (text) => {
    const form = $("#correction");
    const button = document.createElement(form ? "button" : "a");
    button.textContent = text;
    if (form) { button.setAttribute("form", "correction"); button.formAction = `${$("[data-review]").dataset.review}/merge`; } else button.href = location.href;
    return button;
  };

  // Parts of a page that change by themselves: asked for again with what is there as the tag; nothing comes while nothing changes.
  const tags = new Map();
  // The session has ended: said once; what is typed is kept while signing in.
  let ended = false;
  const endSession = () => {
    if (ended) return;
    ended = true;
    tell("ended", "Your session has ended. ", withTyped("Sign in again"));
  };
  const fetchPart = async (address) => {
    const headers = tags.has(address) ? { "If-None-Match": tags.get(address) } : {};
    const answer = await fetch(address, { headers, redirect: "error", cache: "no-store" });
    setClock(answer.headers.get("date"));
    if (answer.status === 304) return null;
    if (answer.status === 401) { endSession(); return null; }
    if (!answer.ok) throw new Error(String(answer.status));
    tags.set(address, answer.headers.get("etag"));
    return answer.text();
  };
  const replace = (place, html) => {
    const focused = place.contains(document.activeElement) ? document.activeElement.id : "";
    const open = all("details[open][id]", place).map((details) => details.id);
    const parsed = new DOMParser().parseFromString(html, "text/html");
    place.replaceChildren(...parsed.body.childNodes);
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    tellTimes(place);
  };
  const every = (seconds, work) => {
    let failures = 0;
    let timer;
    const again = () => { timer = setTimeout(run, Math.min(seconds * 2 ** failures, 120) * 1000); };
    const run = async () => {
      if (document.visibilityState === "visible" && !ended) {
        try { await work(); failures = 0; tell("offline"); } catch {
          failures += 1;
          // One answer can get lost.
          if (failures >= 2 || !navigator.onLine) offline();
        }
      }
      again();
    };
    const atOnce = () => { clearTimeout(timer); run(); };
    const offline = () => tell("offline", `Not up to date: the server cannot be reached.${$("#correction") ? " What you type stays on this page." : ""}`);
    window.addEventListener("offline", offline);
    window.addEventListener("online", atOnce);
    again();
  };

  const keepQueue = (queue) => {
    const address = new URL(location.href);
    address.searchParams.set("part", "1");
    every(Number(queue.dataset.refresh), async () => {
      const html = await fetchPart(address.href);
      if (html !== null) replace(queue, html);
    });
  };

  // One review.
  const keepReview = (review) => {
    const path = review.dataset.review;
    const place = $("#state");
    const form = $("#correction");
    let rev = Number(review.dataset.rev);
    let renewed = -60000;
    const show = (html) => {
      const who = () => ($(".claim, .free", place)?.cloneNode(true) ?? document.createElement("i"));
      const said = () => { const copy = who(); copy.querySelector(".left")?.remove(); return copy.textContent; };
      const before = said();
      replace(place, html);
      // What else has changed is said where it is seen.
      const news = $(".notice.news", place);
      news?.remove();
      tell("news", ...(news?.childNodes ?? []));
      if (news) for (const notice of all(".notice.good")) notice.remove();
      const standing = $(".standing", place);
      // Only claims have changed, and the page says so by now: what it shows is current.
      if (standing && "same" in standing.dataset) {
        rev = Number(standing.dataset.rev);
        if (form) form.elements.version_stamp.value = String(rev);
      }
      if (said() !== before) {
        // What a notice has said of it is no longer so.
        for (const notice of all(".notice.good")) notice.remove();
        announce(said());
      }
    };
    const look = async () => {
      const html = await fetchPart(`${path}/state?rev=${rev}`);
      if (html !== null) show(html);
    };
    // A claim of one's own is renewed while its page is looked at, when it has less than a third of its quarter of an hour left.
    const renew = async () => {
      const standing = $(".standing", place);
      const until = $("[data-claim].mine time[data-until]", place);
      if (!form || !standing || !("mine" in standing.dataset) || !("same" in standing.dataset) || !until) return;
      // Never more often than once a minute, whatever the clocks say.
      if (new Date(until.dateTime) - now() > 300000 || performance.now() - renewed < 60000) return;
      renewed = performance.now();
      const body = new URLSearchParams({ form_token: form.elements.form_token.value, version_stamp: String(rev), part: "1" });
      const answer = await fetch(`${path}/claim`, { method: "POST", body, redirect: "error" });
      if (answer.ok) show(await answer.text());
      else if (answer.status === 409) await look();
      else if (answer.status === 403) tell("session", "You have signed in again elsewhere; this page is of the session before. ", withTyped("Show it again, with what I typed"));
    };
    every(5, async () => { await look(); await renew(); });
    renew().catch(() => {});
    if (form) keepDraft(form);
  };

  // What is typed is kept in this tab until it is saved.
  const keepDraft = (form) => {
    const key = `draft:${form.dataset.draft}`;
    const isTypedInto = (field) => field.name && !["from", "to"].includes(field.name) && field.type !== "hidden" && field.tagName !== "BUTTON";
    const fields = () => [...form.elements].filter(isTypedInto);
    const value = (field) => (field.type === "checkbox" ? String(field.checked) : field.value);
    const isOutput = (field) => /^(f\/|j$|j\/|snapshot$)/.test(field.name);
    // What the fields would hold had nobody typed. Of the output's, the server marks what was typed, kept and not saved; all others
    // would be empty.
    const untouched = (field) => {
      if (isOutput(field)) return field.closest(".typed, .wrong") ? null : value(field);
      return field.type === "checkbox" ? "false" : "";
    };
    const first = new Map(fields().map((field) => [field.name, untouched(field)]));
    const seq = form.elements.base_seq.value;
    const changed = () => fields().filter((field) => value(field) !== first.get(field.name));
    const mark = (field) => field.closest(".field")?.classList.toggle("typed", value(field) !== first.get(field.name));
    let leaving = false;
    const keep = () => {
      const typed = changed().map((field) => [field.name, value(field)]);
      try {
        if (typed.length) drafts?.setItem(key, JSON.stringify({ seq, rev: form.elements.version_stamp.value, typed })); else drafts?.removeItem(key);
      } catch { /* It is full, or forbidden: what is typed stays on the page. */ }
    };
    document.addEventListener("input", (event) => { if (event.target.form === form) { mark(event.target); keep(); } });
    document.addEventListener("submit", () => { leaving = true; });
    window.addEventListener("beforeunload", (event) => { if (!leaving && changed().length) event.preventDefault(); });

    // What nobody has typed into need not be sent: the server keeps it as it is.
    form.addEventListener("formdata", (event) => {
      for (const field of fields().filter(isOutput)) if (value(field) === first.get(field.name)) event.formData.delete(field.name);
    });

    // What was typed for something that is done now is no draft any more.
    const done = $("[data-review]").dataset.done;
    const ofCorrection = key.replace(/\/reopen$/, "");
    if (["saved", "approved", "rejected", "escalated"].includes(done)) dropDraft(ofCorrection);
    if (done === "reopened") dropDraft(`${ofCorrection}/reopen`);
    // What the server has brought back is what there is to keep.
    if (changed().length) { keep(); return; }
    const kept = JSON.parse(drafts?.getItem(key) ?? "null");
    if (!kept) return;
    const notice = document.createElement("div");
    notice.className = "notice";
    notice.setAttribute("role", "status");
    notice.append("You typed something here before and did not save it. ");
    const button = (text, work) => {
      const made = document.createElement("button");
      made.type = "button";
      made.textContent = text;
      made.addEventListener("click", () => { work(); notice.remove(); });
      notice.append(made, " ");
    };
    button("Bring it back", () => {
      // It was typed into another version, or another view of it: the server puts it onto this one.
      if (kept.seq !== seq || kept.typed.some(([name]) => !fields().some((it) => it.name === name))) {
        const old = new URLSearchParams([["form_token", form.elements.form_token.value], ["base_seq", kept.seq], ["version_stamp", kept.rev], ...kept.typed.filter(([name, text]) => !(name.startsWith("x") && text === "false"))]);
        const made = document.createElement("form");
        made.method = "post";
        made.action = `${$("[data-review]").dataset.review}/merge`;
        for (const [name, text] of old) {
          const input = document.createElement("textarea");
          input.name = name;
          input.value = text;
          made.append(input);
        }
        made.hidden = true;
        document.body.append(made);
        leaving = true;
        made.submit();
        return;
      }
      for (const [name, text] of kept.typed) {
        const field = fields().find((it) => it.name === name);
        if (field.type === "checkbox") field.checked = text === "true"; else field.value = text;
        field.closest("details")?.setAttribute("open", "");
        mark(field);
      }
      keep();
    });
    button("Drop it", () => dropDraft(key));
    form.before(notice);
  };

  // A double click sends a form once.
  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (event.target.dataset.sent) { event.preventDefault(); return; }
    if (event.target.method === "post") {
      event.target.dataset.sent = "1";
      button?.setAttribute("aria-busy", "true");
      setTimeout(() => { delete event.target.dataset.sent; button?.removeAttribute("aria-busy"); }, 4000);
    }
  });
  window.addEventListener("pageshow", () => all("form").forEach((form) => { delete form.dataset.sent; }));

  // Whoever signs out leaves nothing behind in this tab.
  if ($("[data-signed-out]")) Object.keys(drafts ?? {}).filter((key) => key.startsWith("draft:")).forEach(dropDraft);

  // Enter in a field of one line presses the button beside it, and not the form's first.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || !event.target.dataset?.enter) return;
    event.preventDefault();
    document.getElementById(event.target.dataset.enter)?.click();
  });

  // Shortcuts.
  const KEYS = [
    ["j / k", "next, previous review of the queue"],
    ["n", "review next"],
    ["g", "to the queue"],
    ["c", "claim"],
    ["l", "release"],
    ["f", "to the first field"],
    ["s", "save the correction"],
    ["a", "to Approve"],
    ["x", "to Reject"],
    ["e", "to Escalate"],
    ["?", "this help"],
  ];
  const shortcutsOn = () => settings?.getItem("shortcuts") !== "off";
  const help = () => {
    let dialog = $("#help");
    if (!dialog) {
      dialog = document.createElement("dialog");
      dialog.id = "help";
      dialog.setAttribute("aria-labelledby", "help-title");
      const title = document.createElement("h2");
      title.id = "help-title";
      title.textContent = "Shortcuts";
      const list = document.createElement("dl");
      for (const [key, text] of KEYS) {
        const [name, about] = [document.createElement("dt"), document.createElement("dd")];
        const kbd = document.createElement("kbd");
        kbd.textContent = key;
        name.append(kbd);
        about.textContent = text;
        list.append(name, about);
      }
      const label = document.createElement("label");
      label.className = "check";
      const box = document.createElement("input");
      box.type = "checkbox";
      box.checked = shortcutsOn();
      box.addEventListener("change", () => settings?.setItem("shortcuts", box.checked ? "on" : "off"));
      label.append(box, " Single keys work as shortcuts");
      const close = document.createElement("button");
      close.textContent = "Close";
      const form = document.createElement("form");
      form.method = "dialog";
      form.append(close);
      dialog.append(title, list, label, form);
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
    if (!target) return false;
    if (target.tagName === "SUMMARY") {
      target.parentElement.open = true;
      $("textarea, input", target.parentElement)?.focus();
    } else if (key === "a") {
      target.focus();
      target.scrollIntoView({ block: "center" });
    } else {
      target.click();
    }
    return true;
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    // A dialog that has just been closed keeps the focus until the next frame: the key after Escape is meant for the page.
    const typing = event.target.closest("input:not([type=checkbox]), textarea, select, dialog[open]");
    if (typing) { if (event.key === "Escape" && !event.target.closest("dialog")) event.target.blur(); return; }
    if (!shortcutsOn()) return;
    if (event.key === "?") { event.preventDefault(); help(); return; }
    const known = {
      j: () => move(1),
      k: () => move(-1),
      f: () => $(".fields input, .fields textarea, #snapshot")?.focus(),
    }[event.key] ?? ("nglcsaxecl".includes(event.key) ? () => use(event.key) : null);
    if (known) { event.preventDefault(); known(); }
  });

  // The address of what is shown: a form's own, or what it says was done, is nothing to come back to.
  const here = $("[data-here]")?.dataset.here;
  if (here && here !== location.pathname + location.search) history.replaceState(null, "", here);

  tellTimes();
  setInterval(tellTimes, 1000);
  for (const button of all("[data-help]")) { button.hidden = false; button.addEventListener("click", help); }
  if ($("#queue")) keepQueue($("#queue"));
  if ($("[data-review]")) keepReview($("[data-review]"));
  const wrong = $(".notice.bad, .notice.news");
  wrong?.scrollIntoView({ block: "nearest" });
  wrong?.focus({ preventScroll: true });
})();
