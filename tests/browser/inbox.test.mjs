// What a reviewer does, in a real browser.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { join } from "node:path";
import { accessible, launch, start } from "./product.mjs";

let product, browser;
before(async () => {
  product = await start();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await product?.stop();
});

const WIDE = { width: 1280, height: 860 };
const NARROW = { width: 390, height: 844 };

/** A browser of its own for somebody; what goes wrong in its pages fails the test that asks. */
async function somebody(options = {}) {
  const context = await browser.newContext({ viewport: WIDE, locale: "en-GB", timezoneId: "Europe/Berlin", ...options });
  const page = await context.newPage();
  page.wrong = [];
  page.on("pageerror", (error) => page.wrong.push(String(error)));
  page.on("console", (message) => {
    // A refused form is an answer like any other; browsers log it all the same.
    if (message.type() === "error" && !message.text().includes("the server responded with a status of")) page.wrong.push(message.text());
  });
  page.on("dialog", (dialog) => { page.wrong.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  return page;
}

async function signIn(who, options) {
  const page = await somebody(options);
  await page.goto(`${product.url}/inbox`);
  await page.fill("#key", product.keys[who] ?? who);
  await page.click("button:has-text('Sign in')");
  await page.waitForURL(`${product.url}/inbox`);
  return page;
}

/** Somebody who leaves pages although the browser asks whether what was typed may be lost. */
function leaves(page) {
  page.removeAllListeners("dialog");
  page.on("dialog", (dialog) => dialog.accept());
  return page;
}

const review = (run, block = "extract") => `${product.url}/inbox/reviews/${run}/${block}`;
/** The stamp of a review as it is now: typing and leaving claim and release. */
const rev = async (path) => (await product.api("dana", "GET", path)).rev;
const picture = (page, name, options = {}) => page.screenshot({ path: join(process.env.SCREENSHOTS, `${name}.png`), animations: "disabled", ...options });
const field = (page, label) => page.getByLabel(label, { exact: true });

/** Approves without going on to the next review. */
async function approve(page) {
  if (await page.locator("#history[open]").count()) await page.click("#history > summary");
  await page.click("#menu > summary");
  await page.click("button:has-text('Approve, and stay here')");
}
async function signOut(page) {
  await page.click("details.menu > summary");
  await page.click("button:text-is('Sign out')");
}

test("signing in: a wrong key, the way back, the cookie, signing out", async () => {
  const page = await somebody();
  await page.goto(review("run_abc123", "block_extract"));
  assert.match(page.url(), /\/inbox\/sign-in\?return=/);
  await accessible(page, "sign-in");
  await picture(page, "sign-in");
  await page.fill("#key", "hp_nonsense");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".notice.bad");
  await picture(page, "sign-in-refused");
  await page.fill("#key", product.keys.dana);
  await page.keyboard.press("Enter");
  await page.waitForURL(review("run_abc123", "block_extract"));
  const [cookie] = await page.context().cookies();
  assert.deepEqual([cookie.httpOnly, cookie.sameSite, cookie.path, cookie.value.length], [true, "Strict", "/", 43]);
  assert.equal(await page.evaluate(() => document.cookie), "");
  assert.ok(!product.log().includes(cookie.value) && !product.log().includes(product.keys.dana));
  await signOut(page);
  await page.waitForSelector("text=You are signed out");
  // The session is gone, not only the cookie.
  await page.context().addCookies([cookie]);
  await page.goto(`${product.url}/inbox`);
  assert.match(page.url(), /sign-in/);
  assert.deepEqual(page.wrong, []);
});

test("a key that is revoked ends its sessions, and one that may not read gets none", async () => {
  const reader = product.makeKey("reader", "Rita Reader", "read");
  const runtime = product.makeKey("runtime", "Runtime", "runtime");
  const page = await somebody();
  await page.goto(`${product.url}/inbox`);
  await page.fill("#key", runtime.key);
  await page.keyboard.press("Enter");
  await page.waitForSelector("text=may not read reviews");
  await page.fill("#key", reader.key);
  await page.keyboard.press("Enter");
  await page.waitForURL(`${product.url}/inbox`);
  // Who may read and not review sees no way to do more.
  await page.goto(review("run_abc123", "block_extract"));
  assert.equal(await page.locator("#correction, button:has-text('Claim'), button:has-text('Approve')").count(), 0);
  await accessible(page, "review, read only");
});

test("find, claim, correct, compare, approve", async () => {
  const page = await signIn("dana");
  await accessible(page, "queue");
  await page.selectOption("#workflow", "wf_1");
  await page.waitForURL(/workflow_id=wf_1/);
  await page.click("a.row:has-text('HPW-2026-0418')");
  await page.waitForURL(`${review("run_abc123", "block_extract")}?workflow_id=wf_1`);
  await accessible(page, "review");
  await picture(page, "review");
  await picture(page, "review-whole", { fullPage: true });
  await page.click("button:has-text('Claim')");
  await page.waitForSelector(".claim.mine:has-text('You are reviewing this')");
  await page.fill("[name='f/buyer/vat_number']", "GB 123 4567 89");
  await page.fill("[name='f/line_items/1/amount']", "1875.50");
  await page.fill("[name='n/line_items/description']", "Waste paper basket");
  await page.fill("[name='n/line_items/amount']", "12.10");
  await page.fill("#note", "From the letterhead");
  await page.click("#save");
  await page.waitForSelector("text=Saved as version 1");
  assert.equal(await page.locator("#fields :is(.row, td).corrected").count() > 1, true);
  await page.click("#history > summary");
  await picture(page, "history");
  await accessible(page, "history");
  await page.selectOption("#from", "0");
  await page.selectOption("#to", "1");
  await page.click("button:has-text('Compare')");
  await page.waitForSelector(".comparison");
  const rows = await page.locator("table.differences tbody tr").allInnerTexts();
  assert.deepEqual(rows.map((row) => row.replace(/\s+/g, " ").slice(0, 60)), [
    "Buyer › VAT number not in the document GB 123 4567 89",
    "Line items › 2 › Amount 1875.00 1875.50",
    "Line items › 7 › Line not there not in the document",
    "Line items › 7 › SKU not there not in the document",
    "Line items › 7 › Description not there Waste paper basket",
    "Line items › 7 › Quantity not there not in the document",
    "Line items › 7 › Unit price not there not in the document",
    "Line items › 7 › Amount not there 12.10",
  ]);
  await accessible(page, "comparison");
  await picture(page, "compare");
  await approve(page);
  // The amount that was typed is not the quantity times the price.
  await page.click("dialog button:has-text('Approve anyway')");
  await page.waitForSelector("text=Approved.");
  await accessible(page, "approved review");
  await picture(page, "approved", { fullPage: true });
  const overlay = await product.api("dana", "GET", "/run_abc123/block_extract");
  assert.deepEqual([overlay.status, overlay.effective_seq, overlay.versions[1].note], ["approved", 1, "From the letterhead"]);
  // What nobody touched is as the model wrote it, to the last digit.
  const raw = await (await fetch(`${product.url}/v1/workflows/reviews/run_abc123/block_extract/versions/1`, { headers: { "Api-Key": product.keys.dana } })).text();
  assert.ok(raw.includes('"unit_price":1249.90') && raw.includes('"amount":1875.50') && raw.includes('"rate":0.20'), raw);
  await page.click("summary:has-text('Reopen')");
  await page.fill("#reopen_reason", "One more look");
  await page.click("button:has-text('Reopen')");
  await page.waitForSelector("text=Open again.");
  assert.deepEqual(page.wrong, []);
});

test("two browsers, one review: the second meets the conflict, loses nothing, and puts its changes on top", async () => {
  await product.open("run_two", { total: 12.5, vendor: "Northwind", note: "a", rows: [{ sku: "x", n: 1 }, { sku: "y", n: 2 }] });
  const [dana, ben] = [await signIn("dana"), await signIn("ben")];
  // Ben claims by typing; Dana is asked as soon as her page knows.
  const leave = dana.getByRole("button", { name: "Leave it to them" });
  await dana.addLocatorHandler(leave, () => leave.click());
  await dana.goto(review("run_two"));
  await ben.goto(review("run_two"));
  await ben.fill("[name='f/total']", "13.5");
  await ben.fill("[name='f/rows/0/n']", "10");
  await ben.fill("#note", "Ben's note");
  await dana.fill("[name='f/total']", "14.5");
  await dana.fill("[name='f/vendor']", "Northwind Ltd");
  await dana.click("#save");
  await dana.waitForSelector("text=Saved as version 1");
  await ben.click("#save");
  await ben.waitForSelector("text=Somebody was faster");
  const banner = await ben.locator(".notice.bad").innerText();
  for (const said of ["Dana Rivera", "saved version 1", "Vendor", "Northwind Ltd", "Both of you changed: Total"]) assert.ok(banner.includes(said), banner);
  assert.deepEqual(
    [await ben.inputValue("[name='f/total']"), await ben.inputValue("[name='f/vendor']"), await ben.inputValue("[name='f/rows/0/n']"), await ben.inputValue("#note")],
    ["13.5", "Northwind Ltd", "10", "Ben's note"],
  );
  assert.equal(await ben.locator("#fields :is(.row, td).typed").count(), 2);
  await accessible(ben, "conflict");
  await picture(ben, "conflict");
  await ben.click("#save");
  await ben.waitForSelector("text=Saved as version 2");
  const { versions } = await product.api("dana", "GET", "/run_two/extract");
  assert.deepEqual(versions[2].snapshot, { total: 13.5, vendor: "Northwind Ltd", note: "a", rows: [{ sku: "x", n: 10 }, { sku: "y", n: 2 }] });
  // Dana's page finds out by itself, and keeps what she types.
  await dana.fill("[name='f/note']", "dana typed this");
  await dana.waitForSelector("text=This review has changed since you opened it", { timeout: 15000 });
  await accessible(dana, "review that has changed");
  await picture(dana, "changed");
  await dana.click("button:has-text('Show, and keep what I typed')");
  await dana.waitForSelector("text=Somebody was faster");
  assert.equal(await dana.inputValue("[name='f/note']"), "dana typed this");
  assert.equal(await dana.inputValue("[name='f/total']"), "13.5");
  // A review that is decided meanwhile takes nothing more, and shows what had been typed.
  await product.api("ben", "POST", "/run_two/extract/decision", { verdict: "rejected", version_stamp: await rev("/run_two/extract"), reason: "duplicate" });
  await approve(dana);
  await dana.waitForSelector("text=The review is decided now");
  assert.ok((await dana.locator(".notice.bad").innerText()).includes("dana typed this"));
  assert.deepEqual([...dana.wrong, ...ben.wrong], []);
});

test("a row that is taken out meets a conflict in the form, with nothing lost", async () => {
  await product.open("run_rows", { rows: [{ sku: "x", n: 1 }, { sku: "y", n: 2 }], total: 1 });
  const page = await signIn("dana");
  await page.goto(review("run_rows"));
  await page.check("[name='x/rows/0']");
  await page.waitForSelector(".claim.mine");
  await product.api("ben", "POST", "/run_rows/extract/versions", { snapshot: { rows: [{ sku: "x", n: 1 }, { sku: "y", n: 2 }], total: 2 }, version_stamp: await rev("/run_rows/extract") });
  await page.click("#save");
  await page.waitForSelector("text=Somebody was faster");
  assert.equal(await page.isChecked("[name='x/rows/0']"), true);
  await accessible(page, "conflict with rows");
  await page.click("#save");
  await page.waitForSelector("text=Saved as version 2");
  const { versions } = await product.api("dana", "GET", "/run_rows/extract");
  assert.deepEqual(versions[2].snapshot, { rows: [{ sku: "y", n: 2 }], total: 2 });
});

test("taking over asks first, and says from whom; a claim's end is seen without loading the page again", async () => {
  await product.open("run_claim", { a: 1 });
  await product.api("ben", "POST", "/run_claim/extract/claim", { version_stamp: 0, ttl_seconds: 30 });
  const [page, queue] = [await signIn("dana"), await signIn("dana")];
  await queue.selectOption("#workflow", "wf_test");
  await queue.waitForURL(/workflow_id=wf_test/);
  await page.goto(review("run_claim"));
  await page.waitForSelector(".claim:has-text('Ben Okafor is reviewing this')");
  assert.equal(await page.locator("button:has-text('Take over from Ben Okafor')").isVisible(), false);
  await page.click("summary:has-text('Take over')");
  await accessible(page, "taking over");
  await picture(page, "take-over");
  await queue.waitForSelector("tr:has-text('run_claim') .who:has-text('Ben Okafor')");
  // No reload: the same document all along.
  for (const it of [page, queue]) await it.evaluate(() => { globalThis.sameDocument = true; });
  await page.waitForSelector("#state:has-text('Not claimed')", { timeout: 40000 });
  await queue.waitForSelector("tr:has-text('run_claim'):not(:has(.who))", { timeout: 20000 });
  for (const it of [page, queue]) assert.equal(await it.evaluate(() => globalThis.sameDocument), true);
  // The page's stamp went along: what only claims have changed is no conflict.
  await page.fill("[name='f/a']", "2");
  await page.click("#save");
  await page.waitForSelector("text=Saved as version 1");
  assert.deepEqual([...page.wrong, ...queue.wrong], []);
});

test("who works on it is never taken over by a button that says something else", async () => {
  await product.open("run_button", { a: 1 });
  const page = await signIn("dana");
  await page.goto(review("run_button"));
  await page.waitForSelector("button:has-text('Claim')");
  await page.fill("[name='f/a']", "5");
  // Typing claims.
  await page.waitForSelector(".claim.mine");
  await product.api("ben", "POST", "/run_button/extract/claim", { version_stamp: await rev("/run_button/extract"), ttl_seconds: 900 });
  await page.waitForSelector("summary:has-text('Take over')", { timeout: 15000 });
  assert.equal(await page.locator("button:text-is('Claim'), button:text-is('Release')").count(), 0);
  await page.click("summary:has-text('Take over')");
  await page.click("button:has-text('Take over from Ben Okafor')");
  await page.waitForSelector(".claim.mine");
  // What was typed is still there, and not saved.
  assert.equal(await page.inputValue("[name='f/a']"), "5");
  const overlay = await product.api("dana", "GET", "/run_button/extract");
  assert.deepEqual([overlay.head_seq, overlay.audit.at(-1).detail.took_over_from.id], [0, "user_17"]);
  assert.deepEqual(page.wrong, []);
});

test("a claim of one's own is renewed while its page is open, and the page stays current", async () => {
  await product.open("run_renew", { a: 1 });
  await product.api("dana", "POST", "/run_renew/extract/claim", { version_stamp: 0, ttl_seconds: 40 });
  const page = await signIn("dana");
  await page.goto(review("run_renew"));
  await page.waitForSelector(".claim.mine:has-text('14 min left')", { timeout: 15000 });
  assert.equal(await page.inputValue("#correction [name=version_stamp]"), "2");
  await page.fill("[name='f/a']", "2");
  await approve(page);
  await page.waitForSelector("text=Approved.");
  const { versions, audit } = await product.api("dana", "GET", "/run_renew/extract");
  assert.deepEqual([versions.length, audit.map((entry) => entry.action)], [2, ["gate_fired", "claimed", "claimed", "decision_made"]]);
  assert.deepEqual(page.wrong, []);
});

test("with the keyboard alone: sign in, find, claim, correct, reject", async () => {
  await product.open("run_keys", { total: 1 }, { priority: 90 });
  const page = await somebody();
  await page.goto(`${product.url}/inbox`);
  // The field has the focus by itself; who types before that types into nothing.
  await page.waitForSelector("[name='key']:focus");
  await page.keyboard.type(product.keys.dana);
  await page.keyboard.press("Enter");
  await page.waitForURL(`${product.url}/inbox`);
  await page.keyboard.press("?");
  await page.waitForSelector("dialog[open]");
  await accessible(page, "help");
  await picture(page, "help");
  await page.keyboard.press("Escape");
  await page.waitForSelector("dialog", { state: "hidden" });
  await page.keyboard.press("j");
  await page.waitForSelector("a.row:focus");
  await page.keyboard.press("Enter");
  await page.waitForURL(review("run_keys"));
  await page.keyboard.press("c");
  await page.waitForSelector(".claim.mine");
  await page.keyboard.press("f");
  await page.keyboard.press("Control+a");
  await page.keyboard.type("2");
  // Enter in a field neither saves nor decides: it goes to the next.
  await page.keyboard.press("Enter");
  assert.equal((await product.api("dana", "GET", "/run_keys/extract")).head_seq, 0);
  await page.keyboard.press("Control+s");
  await page.waitForSelector("text=Saved as version 1");
  // The place stays: the focus is where it was.
  await page.waitForSelector("[name='f/total']:focus");
  await page.keyboard.press("Escape");
  await page.keyboard.press("x");
  await page.keyboard.type("Not ours");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForSelector("text=Rejected.");
  assert.equal((await product.api("dana", "GET", "/run_keys/extract")).decisions[0].reason, "Not ours");
  assert.deepEqual(page.wrong, []);
});

test("the key after the one that closes the help is not lost", async () => {
  const page = await signIn("dana");
  for (let round = 0; round < 10; round += 1) {
    await page.keyboard.press("?");
    await page.waitForSelector("dialog[open]");
    // One after the other, with no frame between them: the dialog still has the focus.
    await Promise.all([page.keyboard.press("Escape"), page.keyboard.press("j")]);
    await page.waitForSelector("a.row:focus", { timeout: 2000 });
    await page.evaluate(() => document.activeElement.blur());
  }
});

test("without JavaScript: claim, correct, approve, reject, escalate, what is missing said", async () => {
  await product.open("run_plain", { total: 1, ok: false, lines: "a\nb" }, { priority: 80 });
  await product.open("run_plain_2", { total: 1 }, { priority: 79 });
  const page = await signIn("dana", { javaScriptEnabled: false });
  await page.click("button:has-text('Start reviewing')");
  await page.waitForURL(`${review("run_plain")}?done=claimed`);
  await page.fill("[name='f/total']", "one");
  await approve(page);
  await page.waitForSelector(".fault:has-text('must be a number')");
  assert.equal(await page.inputValue("[name='f/total']"), "one");
  await picture(page, "no-script-wrong", { fullPage: true });
  await page.fill("[name='f/total']", "2.0");
  await page.selectOption("[name='f/ok']", "true");
  await approve(page);
  await page.waitForSelector("text=Approved.");
  const { versions } = await product.api("dana", "GET", "/run_plain/extract");
  assert.deepEqual(versions[1].snapshot, { total: 2, ok: true, lines: "a\nb" });
  await page.goto(review("run_plain_2"));
  await page.click("summary:has-text('Escalate')");
  await page.fill("#escalate_to", "legal");
  await page.click("button:text-is('Escalate')");
  await page.waitForSelector(".fault:has-text('is needed')");
  assert.equal(await page.inputValue("#escalate_to"), "legal");
  await page.fill("#escalate_reason", "Unusual");
  await page.click("button:text-is('Escalate')");
  await page.waitForSelector("text=Escalated; the review stays open.");
  await page.click("summary:has-text('Reject')");
  await page.fill("#reject_reason", "No");
  await page.click("button:text-is('Reject')");
  await page.waitForSelector("text=Rejected.");
});

test("a session that ends while somebody types: signing in again brings back what was typed, unsaved", async () => {
  await product.open("run_ended", { total: 1, rows: [] });
  for (const javaScriptEnabled of [true, false]) {
    const page = await signIn("dana", { javaScriptEnabled });
    await page.goto(review("run_ended"));
    await page.fill("[name='f/total']", "77");
    await page.fill("#note", "kept");
    await page.context().clearCookies();
    // With JavaScript the page finds out by itself.
    if (javaScriptEnabled) await page.click("button:has-text('Sign in again')", { timeout: 15000 });
    else await page.click("#save");
    await page.waitForSelector("text=what you typed is kept");
    await page.fill("#key", product.keys.dana);
    await page.keyboard.press("Enter");
    await page.waitForSelector("text=It is not saved yet");
    assert.deepEqual([await page.inputValue("[name='f/total']"), await page.inputValue("#note")], ["77", "kept"]);
    assert.equal((await product.api("dana", "GET", "/run_ended/extract")).head_seq, 0);
  }
});

test("what was typed and not saved is offered again", async () => {
  await product.open("run_draft", { total: 1 });
  const page = await signIn("dana");
  await page.goto(review("run_draft"));
  await page.fill("[name='f/total']", "5");
  leaves(page);
  await page.reload();
  await page.click("button:has-text('Bring it back')");
  assert.equal(await page.inputValue("[name='f/total']"), "5");
  await page.click("#save");
  await page.waitForSelector("text=Saved as version 1");
  await page.goto(review("run_draft"));
  assert.equal(await page.locator("text=did not save it").count(), 0);
  // Of another version it is put onto this one; and whoever signs out leaves nothing behind.
  await page.fill("[name='f/total']", "6");
  await page.waitForSelector(".claim.mine");
  await product.api("ben", "POST", "/run_draft/extract/versions", { snapshot: { total: 5, more: 1 }, version_stamp: await rev("/run_draft/extract") });
  await page.reload();
  await page.click("button:has-text('Bring it back')");
  await page.waitForSelector("text=Somebody was faster");
  assert.deepEqual([await page.inputValue("[name='f/total']"), await page.inputValue("[name='f/more']")], ["6", "1"]);
  await signOut(page);
  await page.click("button:has-text('Sign out without saving it')");
  await page.waitForSelector("text=You are signed out");
  assert.equal(await page.evaluate(() => sessionStorage.length), 0);
});

test("hostile outputs are shown as what they are, and stay usable", async () => {
  const evil = '"><img src=x onerror=alert(1)><script>alert(2)</script>';
  await product.open("run_evil", {
    [evil]: evil, "</textarea><script>alert(3)</script>": "</textarea><script>alert(4)</script>\nx", "'": "javascript:alert(5)",
    "line\nfeed": "odd key", "nul\u0000": "odd key", rtl: "\u202Egnp.exe", control: "a\u0000b\u001b[31m", arabic: "مرحبا بالعالم", rows: [{ [evil]: evil }], empty: {}, none: [], "": "no name", deep: [[[[1]]]], "a/b~c": "odd",
  }, { triggered_by: { kind: evil } });
  await product.open("run_wide", Object.fromEntries(Array.from({ length: 10000 }, (_, index) => [`field_${index}`, index])));
  await product.open("run_long", { text: "x".repeat(1 << 20), words: "word ".repeat(200000), small: 1 });
  const page = await signIn("dana");
  await page.goto(review("run_evil"));
  assert.equal(await page.inputValue("[name='f/rtl']"), '"\\u202egnp.exe"');
  assert.equal(await page.inputValue("[name='f/control']"), '"a\\u0000b\\u001b[31m"');
  assert.equal(await page.locator("main img, main script").count(), 0);
  await accessible(page, "hostile output");
  await picture(page, "hostile", { fullPage: true });
  await page.fill("[name='f/a~1b~0c']", evil);
  await page.fill("[name='f/line~ua.feed']", "changed");
  await page.fill("[name='f/nul~u0.']", "changed, too");
  await page.click("#save");
  await page.waitForSelector("text=Saved as version 1");
  const { versions } = await product.api("dana", "GET", "/run_evil/extract");
  assert.deepEqual(versions[1].snapshot, { ...versions[0].snapshot, "a/b~c": evil, "line\nfeed": "changed", "nul\u0000": "changed, too" });
  await page.goto(`${review("run_evil")}?from=0&to=1`);
  await page.waitForSelector(".comparison ins");
  await page.goto(`${product.url}/inbox?workflow_id=wf_test`);
  await page.waitForSelector("td.why:has-text('onerror')");

  await page.goto(review("run_wide"));
  const wide = await page.inputValue("[name='j']");
  // The driver types a text this long for minutes.
  await page.$eval("[name='j']", (area, text) => { area.value = text; area.dispatchEvent(new Event("input", { bubbles: true })); }, wide.replace('"field_9999": 9999', '"field_9999": 1e4'));
  await approve(page);
  await page.waitForSelector("text=Approved.");
  assert.equal((await product.api("dana", "GET", "/run_wide/extract")).versions[1].snapshot.field_9999, 10000);

  await page.goto(review("run_long"));
  await page.fill("[name='f/small']", "2");
  await page.click("#save");
  await page.waitForSelector("text=Saved as version 1");
  assert.equal((await product.api("dana", "GET", "/run_long/extract")).versions[1].snapshot.text.length, 1 << 20);
  assert.deepEqual(page.wrong, []);
});

test("no other site can send a form, frame a page or read one", async () => {
  await product.open("run_forged", { a: 1 });
  const page = await signIn("dana");
  const answer = await page.goto(review("run_forged"));
  const policy = answer.headers()["content-security-policy"];
  for (const rule of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "form-action 'self'"]) assert.ok(policy.includes(rule));
  assert.equal(answer.headers()["cache-control"], "no-store");
  const [cookie] = await page.context().cookies();
  const token = await page.inputValue("#correction [name=form_token]");
  const post = async (headers, body) => (await fetch(`${review("run_forged")}/claim`, {
    method: "POST", redirect: "manual", headers: { Cookie: `${cookie.name}=${cookie.value}`, "Content-Type": "application/x-www-form-urlencoded", ...headers }, body: new URLSearchParams(body),
  })).status;
  const good = { form_token: token, version_stamp: "0" };
  const ours = { "Sec-Fetch-Site": "same-origin" };
  assert.equal(await post({ "Sec-Fetch-Site": "cross-site" }, good), 403);
  assert.equal(await post({ "Sec-Fetch-Site": "same-site" }, good), 403);
  assert.equal(await post({ Origin: "https://evil.example" }, good), 403);
  assert.equal(await post(ours, { version_stamp: "0" }), 403);
  assert.equal(await post(ours, { ...good, form_token: token.replace(/./, (first) => (first === "A" ? "B" : "A")) }), 403);
  assert.equal((await product.api("dana", "GET", "/run_forged/extract")).rev, 0);
  assert.equal(await post(ours, good), 303);
});

test("states of the queue: mine, empty, decided, a page that is gone, out of reach; narrow and dark", async () => {
  const page = await signIn("dana");
  await picture(page, "queue");
  await page.emulateMedia({ colorScheme: "dark" });
  await picture(page, "queue-dark");
  await page.goto(review("run_19d4c0be", "block_split"));
  await picture(page, "review-dark", { fullPage: true });
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto(`${product.url}/inbox?workflow_id=wf_nothing`);
  await page.waitForSelector("text=Nothing awaits review in this workflow");
  await picture(page, "queue-empty");
  await accessible(page, "empty queue");
  await page.goto(`${product.url}/inbox?status=approved`);
  await accessible(page, "decided reviews");
  await page.goto(`${product.url}/inbox?mine=1`);
  await page.goto(`${product.url}/inbox?cursor=nonsense`);
  await page.waitForSelector("text=That page is gone");
  const answer = await page.goto(review("run_nowhere"));
  assert.equal(answer.status(), 404);
  await accessible(page, "not here");
  await picture(page, "not-here");
  const phone = await signIn("ben", { viewport: NARROW, deviceScaleFactor: 2 });
  await picture(phone, "queue-narrow");
  await accessible(phone, "narrow queue");
  await phone.goto(review("run_c51e09aa", "block_extract_contract"));
  await accessible(phone, "narrow review");
  await picture(phone, "review-narrow");
  // Nothing is wider than the phone.
  assert.equal(await phone.evaluate(() => document.documentElement.scrollWidth), NARROW.width);
});

test("paging: 60 reviews, each once", async () => {
  for (let index = 0; index < 60; index += 1) {
    await product.open(`run_page_${index}`, { index }, { workflow_id: "wf_pages", priority: index % 7 });
  }
  const page = await signIn("dana");
  await page.goto(`${product.url}/inbox?workflow_id=wf_pages`);
  const seen = await page.locator("a.row").evaluateAll((rows) => rows.map((row) => row.href));
  assert.equal(await page.locator("#tab-open .count").innerText(), "60");
  await page.click("text=Next page");
  await page.waitForSelector("text=First page");
  seen.push(...await page.locator("a.row").evaluateAll((rows) => rows.map((row) => row.href)));
  assert.deepEqual([seen.length, new Set(seen).size], [60, 60]);
});

/** Everything that is hidden does not show. */
const hiddenShows = (page) => page.evaluate(() => [...document.querySelectorAll("[hidden]")].filter((it) => it.getClientRects().length).map((it) => it.outerHTML));

test("what is hidden does not show: open, decided, read only", async () => {
  await product.open("run_shown", { a: null, rows: [{ a: null, b: 4.25 }] });
  const page = await signIn("dana");
  await page.goto(review("run_shown"));
  assert.deepEqual(await hiddenShows(page), []);
  assert.equal(await page.locator("#save:visible").count(), 1);
  await page.fill("[name='f/rows/0/b']", "5");
  await approve(page);
  await page.waitForSelector("text=Approved.");
  assert.deepEqual(await hiddenShows(page), []);
  // A null is a word and not an empty queue; a hint is a line of its own.
  const empty = await page.locator(".value.none").first().evaluate((it) => { const { paddingLeft, borderLeftWidth, textAlign } = getComputedStyle(it); return [Number.parseFloat(paddingLeft) < 16, borderLeftWidth, textAlign]; });
  assert.deepEqual(empty, [true, "0px", "start"]);
  const [value, hint] = await page.locator("#fields td.corrected > *").evaluateAll((them) => them.map((it) => it.getBoundingClientRect().top));
  assert.ok(hint > value, `${value} ${hint}`);
});

test("Enter in a field of one line presses its own button; without JavaScript it presses none", async () => {
  for (const javaScriptEnabled of [true, false]) {
    const run = `run_enter_${javaScriptEnabled}`;
    await product.open(run, { total: 1 });
    const page = await signIn("dana", { javaScriptEnabled });
    await page.goto(review(run));
    await page.fill("[name='f/total']", "5");
    await page.click("summary:has-text('Escalate')");
    await page.fill("#escalate_reason", "Above my limit");
    await page.fill("#escalate_to", "legal");
    await page.focus("#escalate_to");
    await page.keyboard.press("Enter");
    if (javaScriptEnabled) await page.waitForSelector("text=Escalated; the review stays open.");
    else await page.click("button:text-is('Escalate')");
    await page.waitForSelector("text=It is not saved yet");
    const overlay = await product.api("dana", "GET", `/${run}/extract`);
    assert.deepEqual([overlay.head_seq, overlay.escalated_to, overlay.decisions[0].reason], [0, "legal", "Above my limit"]);
    // Nothing typed went with it, and nothing of it is lost.
    assert.equal(await page.inputValue("[name='f/total']"), "5");
    assert.equal(await page.inputValue("#escalate_to"), "");
  }
});

test("a draft is what was typed: a new row, a row taken out, a note, JSON; in this view, another, and after the server brought it back", async () => {
  await product.open("run_kept", { total: 1, rows: [{ sku: "a", n: 1 }, { sku: "b", n: 2 }] });
  const page = await signIn("dana");
  leaves(page);
  await page.goto(review("run_kept"));
  await page.fill("[name='n/rows/sku']", "c");
  await page.check("[name='x/rows/1']");
  await page.fill("#note", "because");
  // A release brings it back from the server; what is typed after that must not push it out of the draft.
  await page.waitForSelector(".claim.mine");
  await page.click("button:text-is('Release')");
  await page.waitForSelector("text=What else you typed is below");
  assert.equal(new URL(page.url()).pathname, "/inbox/reviews/run_kept/extract");
  await page.fill("[name='f/total']", "7");
  await page.reload();
  await page.click("button:has-text('Bring it back')");
  const typed = async () => [await page.inputValue("[name='n/rows/sku']"), await page.isChecked("[name='x/rows/1']"), await page.inputValue("#note"), await page.inputValue("[name='f/total']")];
  assert.deepEqual(await typed(), ["c", true, "because", "7"]);
  // Brought back once more without another key pressed.
  await page.reload();
  await page.click("button:has-text('Bring it back')");
  assert.deepEqual(await typed(), ["c", true, "because", "7"]);
  // To JSON and there on: it holds all of it; then the page is left, and found as a form.
  await page.click(".views button:has-text('JSON')");
  await page.waitForSelector("#snapshot");
  assert.deepEqual(JSON.parse(await page.inputValue("#snapshot")), { total: 7, rows: [{ sku: "a", n: 1 }, { sku: "c", n: null }] });
  await page.fill("#snapshot", '{"total": 8, "rows": []}');
  await page.goto(review("run_kept"));
  await page.click("button:has-text('Bring it back')");
  await page.waitForSelector("#snapshot");
  assert.deepEqual([JSON.parse(await page.inputValue("#snapshot")), await page.inputValue("#note")], [{ total: 8, rows: [] }, "because"]);
  assert.equal((await product.api("dana", "GET", "/run_kept/extract")).head_seq, 0);
});

test("what was approved is no draft after the review is opened again", async () => {
  await product.open("run_no_draft", { total: 1 });
  const page = await signIn("dana");
  await page.goto(review("run_no_draft"));
  await page.fill("[name='f/total']", "5");
  await approve(page);
  await page.waitForSelector("text=Approved.");
  await page.click("summary:has-text('Reopen')");
  await page.fill("#reopen_reason", "again");
  await page.click("button:text-is('Reopen')");
  await page.waitForSelector("text=Open again.");
  assert.equal(await page.locator("text=did not save it").count(), 0);
  assert.equal(await page.inputValue("[name='f/total']"), "5");
  assert.equal(new URL(page.url()).search, "");
  assert.deepEqual(await page.evaluate(() => Object.keys(sessionStorage).filter((key) => key.startsWith("draft:"))), []);
});

test("signing in again in another tab loses nothing in this one", async () => {
  await product.open("run_tabs", { total: 1 });
  const page = await signIn("dana");
  await page.goto(review("run_tabs"));
  await page.fill("[name='f/total']", "9");
  const other = await page.context().newPage();
  await page.context().clearCookies();
  await other.goto(`${product.url}/inbox`);
  await other.fill("#key", product.keys.dana);
  await other.keyboard.press("Enter");
  await other.waitForURL(`${product.url}/inbox`);
  await page.click("#save");
  await page.waitForSelector("text=You have signed in again");
  assert.equal(await page.inputValue("[name='f/total']"), "9");
  await page.click("#save");
  await page.waitForSelector("text=Saved as version 1");
});

test("one strip, in view: that the server cannot be reached, that the review has changed; a form that is open stays open", async () => {
  await product.open("run_strip", { rows: Array.from({ length: 60 }, (_, n) => ({ n })) });
  await product.api("ben", "POST", "/run_strip/extract/claim", { version_stamp: 0, ttl_seconds: 900 });
  const page = await signIn("dana");
  page.removeAllListeners("console");
  await page.goto(review("run_strip"));
  await page.click("summary:has-text('Take over')");
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  const strip = page.locator("#strip");
  const inView = async () => { const box = await strip.boundingBox(); return box.y >= 0 && box.y + box.height <= WIDE.height + 1; };
  await page.context().setOffline(true);
  await page.waitForSelector("#strip:has-text('cannot be reached')", { timeout: 20000 });
  assert.ok(await inView());
  await picture(page, "offline");
  await page.context().setOffline(false);
  await strip.waitFor({ state: "hidden", timeout: 20000 });
  // Ben releases and claims again: the part was replaced more than once by now.
  await product.api("ben", "POST", "/run_strip/extract/release", { version_stamp: 1 });
  await page.waitForSelector("#state:has-text('Not claimed')", { timeout: 15000 });
  await product.api("ben", "POST", "/run_strip/extract/claim", { version_stamp: 2, ttl_seconds: 900 });
  await page.waitForSelector("#state summary", { timeout: 15000 });
  await page.click("summary:has-text('Take over')");
  await product.api("ben", "POST", "/run_strip/extract/claim", { version_stamp: 3, ttl_seconds: 1800 });
  await page.waitForSelector("#state:has-text('29 min left')", { timeout: 15000 });
  assert.ok(await page.isVisible("button:has-text('Take over from Ben Okafor')"));
  await product.api("ben", "POST", "/run_strip/extract/versions", { snapshot: { rows: [] }, version_stamp: 4 });
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  await page.waitForSelector("#strip:has-text('has changed since you opened it')", { timeout: 15000 });
  assert.ok(await inView());
  assert.equal(await page.locator("main .notice").count(), 0);
  await accessible(page, "strip");
});

test("who takes over is told so once, until it is no longer so", async () => {
  await product.open("run_taken", { a: 1 });
  const page = await signIn("dana");
  await page.goto(review("run_taken"));
  await page.click("button:text-is('Claim')");
  await page.waitForSelector("#strip:has-text('You are reviewing this now')");
  await product.api("ben", "POST", "/run_taken/extract/claim", { version_stamp: 1, ttl_seconds: 900 });
  await page.waitForSelector("#state:has-text('Ben Okafor is reviewing this')", { timeout: 15000 });
  assert.equal(await page.locator("text=You are reviewing this now").count(), 0);
});

test("what is wrong is listed, with the focus, and leads to its field", async () => {
  await product.open("run_wrong", { rows: Array.from({ length: 80 }, (_, n) => ({ n })), total: 1 });
  for (const javaScriptEnabled of [true, false]) {
    const page = leaves(await signIn("dana", { javaScriptEnabled }));
    await page.goto(review("run_wrong"));
    await page.fill("[name='f/rows/79/n']", "x");
    await page.fill("[name='f/total']", "1e400");
    await page.click("#save");
    await page.waitForSelector(".faults");
    await page.waitForSelector(".notice.bad:focus");
    await page.click(".faults a:has-text('Rows › 80 › N')");
    await page.waitForFunction(() => document.activeElement.name === "f/rows/79/n" || location.hash);
    const seen = await page.locator("[name='f/rows/79/n']").boundingBox();
    assert.ok(seen.y >= 0 && seen.y < WIDE.height, JSON.stringify(seen));
    await page.fill("[name='f/rows/79/n']", "79");
    await page.click("#save");
    await page.waitForSelector(".faults:has-text('Total is too large: numbers go up to')");
    await page.goto(`${review("run_wrong")}?view=json`);
    await page.fill("#snapshot", '{\n  "a": 1\n  "b": 2\n}');
    await page.click("#save");
    await page.waitForSelector(".faults:has-text('line 3, column 3')");
    await page.goto(review("run_wrong"));
    await page.click("summary:has-text('Reject')");
    await page.fill("#reject_reason", "y".repeat(2001));
    await page.click("button:text-is('Reject')");
    await page.waitForSelector(".faults:has-text('is too long: 2,000 characters at most')");
    await page.context().close();
  }
});

/** A review with two fields to check: one that the machine was not sure of, one that is missing. */
const doubtful = (run, more = {}) => product.open(run, { number: run, seller: { name: "Harrow & Pike", postcode: "LS11 5O2" }, due: "2026-06-10", total: 12.5 }, {
  triggered_by: { kind: "confidence_below", field: "seller.postcode", threshold: 0.9, observed: 0.58 },
  likelihoods: { due: 0.83, seller: { postcode: 0.58 } }, ...more,
});

test("by the keyboard: what is to check one after the other, confirmed, corrected, approved, and on to the next", async () => {
  await doubtful("run_desk_1", { priority: 999, workflow_id: "wf_desk" });
  await doubtful("run_desk_2", { priority: 998, workflow_id: "wf_desk" });
  const page = await signIn("dana");
  await page.goto(`${product.url}/inbox?workflow_id=wf_desk`);
  await page.waitForSelector("tr.hot:has-text('run_desk_1') td.why:has-text('Postcode 0.58')");
  await page.keyboard.press("n");
  await page.waitForURL(review("run_desk_1") + "?workflow_id=wf_desk");
  assert.equal(await page.locator("h1").innerText(), "run_desk_1");
  assert.match(await page.locator(".top .sub").innerText(), /Harrow & Pike · 12\.50/);
  assert.equal(await page.locator("[data-place]").innerText(), "1 of 2");
  await page.waitForSelector("[data-left]:has-text('2 to check')");
  await accessible(page, "desk");
  await page.keyboard.press("Enter");
  await page.waitForSelector("[name='f/seller/postcode']:focus");
  await page.keyboard.press("Control+Space");
  await page.waitForSelector("[data-left]:has-text('1 to check')");
  await page.waitForSelector("[name='f/due']:focus");
  // Approving asks about what is left, and the careful answer has the focus.
  await page.keyboard.press("Control+Enter");
  await page.waitForSelector("dialog:has-text('Not checked: Due')");
  await accessible(page, "asked about what is not checked");
  await page.keyboard.press("Enter");
  await page.waitForSelector("[name='f/due']:focus");
  // A value that is corrected has been looked at.
  await page.fill("[name='f/due']", "2026-06-11");
  await page.waitForSelector("[data-left]:has-text('All checked')");
  await page.keyboard.press("Control+Enter");
  await page.waitForURL(review("run_desk_2") + "?workflow_id=wf_desk");
  await page.waitForSelector("#strip:has-text('Approved run_desk_1.')");
  const { status, versions } = await product.api("dana", "GET", "/run_desk_1/extract");
  assert.deepEqual([status, versions[1].snapshot.due], ["approved", "2026-06-11"]);
  // Shift and Enter goes back; around the end.
  await page.keyboard.press("Shift+Enter");
  await page.waitForSelector("[name='f/due']:focus");
  // The last one leads back to the queue, which says that it was.
  await page.keyboard.press("Control+Enter");
  await page.check("dialog input[type=checkbox]");
  await page.click("dialog button:has-text('Approve anyway')");
  await page.waitForURL(/\/inbox\?workflow_id=wf_desk/);
  await page.waitForSelector("text=No unclaimed review is waiting");
  assert.deepEqual(page.wrong, []);
});

test("typing claims, leaving releases; who types into another's review is asked", async () => {
  await product.open("run_typing", { a: "1", b: "2" });
  const [dana, ben] = [await signIn("dana"), await signIn("ben")];
  await dana.goto(review("run_typing"));
  await ben.goto(review("run_typing"));
  await dana.fill("[name='f/a']", "5");
  await dana.waitForSelector(".claim.mine");
  await ben.waitForSelector("#state:has-text('Dana Rivera')", { timeout: 15000 });
  await ben.fill("[name='f/b']", "7");
  await ben.waitForSelector("dialog[open]");
  await accessible(ben, "asked whether to take over");
  await picture(ben, "asked-to-take-over");
  await ben.click("dialog button:has-text('Leave it to them')");
  await ben.fill("[name='f/b']", "8");
  assert.equal(await ben.locator("dialog[open]").count(), 0, "asked once");
  assert.equal((await product.api("ben", "GET", "/run_typing/extract")).claim.holder.display_name, "Dana Rivera");
  leaves(dana);
  await dana.click("a.back");
  await dana.waitForURL(/\/inbox(\?|$)/);
  await ben.waitForSelector("#state:has-text('Not claimed')", { timeout: 15000 });
  // What Dana did with the claim is no conflict for Ben.
  await ben.click("#save");
  await ben.waitForSelector("text=Saved as version 1");
  assert.deepEqual([...dana.wrong, ...ben.wrong], []);
});

test("saving leaves the place, the focus and what is typed meanwhile", async () => {
  await product.open("run_place", { rows: Array.from({ length: 80 }, (_, n) => ({ n })), last: "x" });
  const page = await signIn("dana");
  await page.goto(review("run_place"));
  await page.fill("[name='f/last']", "y");
  await page.focus("[name='f/rows/70/n']");
  await page.waitForSelector(".claim.mine");
  const before = await page.locator("[data-scroll]").evaluate((it) => it.scrollTop);
  assert.ok(before > 500);
  // The answer is held until something else is typed.
  let letGo;
  await page.route("**/save", async (route) => { await new Promise((resolve) => { letGo = resolve; }); await route.continue(); });
  await page.keyboard.press("Control+s");
  await page.keyboard.press("Control+s");
  await page.fill("[name='f/rows/70/n']", "700");
  letGo();
  await page.waitForSelector("text=Saved as version 1");
  assert.equal(await page.inputValue("[name='f/rows/70/n']"), "700");
  await page.waitForSelector("[name='f/rows/70/n']:focus");
  assert.equal(await page.locator("[data-scroll]").evaluate((it) => it.scrollTop), before);
  await page.waitForSelector("[data-changes]:has-text('1 change')");
  await page.unroute("**/save");
  await page.keyboard.press("Control+s");
  await page.waitForSelector("text=Saved as version 2");
  // Without a server it says so, and nothing is lost.
  await page.fill("[name='f/last']", "z");
  page.removeAllListeners("console");
  await page.context().setOffline(true);
  await page.keyboard.press("Control+s");
  await page.waitForSelector("#strip:has-text('Not done: the server cannot be reached')");
  await page.context().setOffline(false);
  await page.click("#strip button:has-text('Try again')");
  await page.waitForSelector("text=Saved as version 3");
  const { versions } = await product.api("dana", "GET", "/run_place/extract");
  assert.deepEqual([versions[2].snapshot.rows[70].n, versions[3].snapshot.last], [700, "z"]);
});

test("what the gateway answers itself is said in our words, and nothing is lost", async () => {
  await product.open("run_gateway", { a: 1 });
  const page = leaves(await signIn("dana"));
  await page.goto(review("run_gateway"));
  await page.fill("[name='f/a']", "2");
  await page.waitForSelector(".claim.mine");
  page.removeAllListeners("console");
  const answers = async (status, message) => {
    await page.unroute("**/save");
    await page.route("**/save", (route) => route.fulfill({ status, contentType: "application/json", body: JSON.stringify({ message }) }));
  };
  await answers(413, "Request Entity Too Large");
  await page.keyboard.press("Control+s");
  await page.waitForSelector("#strip:has-text('Not done: this is more than can be sent at once')");
  await answers(429, "Too Many Requests");
  await page.click("#strip button:has-text('Try again')");
  await page.waitForSelector("#strip:has-text('Not done: there is too much to do at the moment')");
  assert.equal(await page.inputValue("[name='f/a']"), "2");
  // It is saved, and what comes instead of the page is not taken for a refusal.
  await page.unroute("**/save");
  await page.route("**/run_gateway/extract?*", (route) => (route.request().isNavigationRequest() ? route.continue() : route.fulfill({ status: 503, body: "" })));
  await page.click("#strip button:has-text('Try again')");
  await page.waitForSelector("#strip:has-text('Done, but this page could not be loaded again')");
  await page.click("#strip a:has-text('Load it')");
  await page.waitForSelector("text=Saved as version 1");
  assert.equal((await product.api("dana", "GET", "/run_gateway/extract")).versions[1].snapshot.a, 2);
});

test("an earlier version is restored as a new one", async () => {
  await product.open("run_restore", { a: 1 });
  await product.api("ben", "POST", "/run_restore/extract/versions", { snapshot: { a: 2 }, version_stamp: 0 });
  for (const javaScriptEnabled of [true, false]) {
    const page = leaves(await signIn("dana", { javaScriptEnabled }));
    await page.goto(review("run_restore"));
    if (javaScriptEnabled) {
      // What was typed comes first.
      await page.fill("[name='f/a']", "9");
      await page.waitForSelector(".claim.mine");
      await page.click("#history > summary");
      await page.click("button:has-text('Restore version 0')");
      await page.waitForSelector("text=Nothing was restored yet");
      assert.equal(await page.inputValue("[name='f/a']"), "9");
      await page.fill("[name='f/a']", "2");
    }
    if (!(await page.locator("#history[open]").count())) await page.click("#history > summary");
    await page.click("button:has-text('Restore version 0')");
    await page.waitForSelector(`text=Saved as version ${javaScriptEnabled ? 2 : 3}`);
    assert.equal(await page.inputValue("[name='f/a']"), "1");
  }
  const { versions } = await product.api("dana", "GET", "/run_restore/extract");
  assert.deepEqual([versions[2].snapshot, versions[2].note], [{ a: 1 }, "Restored from version 0"]);
});

test("what is new in the queue waits until it is asked for", async () => {
  await product.open("run_waits_1", { number: "A-1" }, { workflow_id: "wf_waits" });
  const page = await signIn("dana");
  await page.goto(`${product.url}/inbox?workflow_id=wf_waits`);
  await page.focus("a.row");
  await product.open("run_waits_2", { number: "B-2" }, { workflow_id: "wf_waits", priority: 9 });
  await page.waitForSelector("button:has-text('1 new: show')", { timeout: 30000 });
  assert.deepEqual(await page.locator("a.row").allInnerTexts(), ["A-1"]);
  await page.waitForSelector("a.row:focus");
  await accessible(page, "queue with news");
  await picture(page, "queue-new");
  await page.click("button:has-text('1 new: show')");
  assert.deepEqual(await page.locator("a.row").allInnerTexts(), ["B-2", "A-1"]);
});

test("the queue is searched, filtered and sorted, all in its address", async () => {
  await product.open("run_find_1", { number: "INV-77", seller: "Acme Ltd" }, { workflow_id: "wf_find", triggered_by: { kind: "field_missing", field: "vat" } });
  await product.open("run_find_2", { number: "INV-78", seller: "Brennan" }, { workflow_id: "wf_find" });
  for (const javaScriptEnabled of [true, false]) {
    const page = await signIn("dana", { javaScriptEnabled });
    const rows = () => page.locator("a.row").allInnerTexts();
    await page.goto(`${product.url}/inbox?workflow_id=wf_find`);
    await page.fill("#q", "acme");
    await page.press("#q", "Enter");
    await page.waitForURL(/q=acme/);
    assert.deepEqual(await rows(), ["INV-77"]);
    await page.goto(`${product.url}/inbox?workflow_id=wf_find&reason=always`);
    assert.deepEqual(await rows(), ["INV-78"]);
    await page.goto(`${product.url}/inbox?workflow_id=wf_find&sort=newest`);
    assert.deepEqual(await rows(), ["INV-78", "INV-77"]);
    // An exact id is found wherever it is.
    await page.goto(`${product.url}/inbox?workflow_id=wf_waits&q=run_find_1/extract`);
    assert.deepEqual(await rows(), ["INV-77"]);
    await page.goto(`${product.url}/inbox?q=no-such-thing`);
    await page.waitForSelector("text=Nothing here matches");
  }
  await product.api("ben", "POST", "/run_find_2/extract/decision", { verdict: "escalated", version_stamp: 0, reason: "?", escalate_to: "dana rivera" });
  const page = await signIn("dana");
  await page.click("#tab-escalated");
  await page.waitForURL(/escalated=1/);
  assert.deepEqual(await page.locator("a.row").allInnerTexts(), ["INV-78"]);
  await page.click("#tab-decided");
  await page.click("#by-me");
  await page.waitForURL(/status=approved&mine=1/);
  await accessible(page, "decided by me");
});

test("fields are found and filtered, the panes are tabs on a phone, print has values only", async () => {
  await doubtful("run_panes");
  const page = await signIn("dana");
  await page.goto(review("run_panes"));
  const visible = () => page.locator("#fields .row:visible").count();
  assert.equal(await visible(), 5);
  await page.keyboard.press("2");
  assert.equal(await visible(), 2);
  await page.keyboard.press("1");
  await page.keyboard.press("/");
  await page.keyboard.type("seller post");
  assert.equal(await visible(), 1);
  await page.keyboard.press("Enter");
  await page.waitForSelector("[name='f/seller/postcode']:focus");
  await page.emulateMedia({ media: "print" });
  assert.equal(await page.locator("button:visible, summary:visible").count(), 0);
  await page.emulateMedia({ media: "screen" });
  for (const viewport of [NARROW, { width: 720, height: 430 }]) {
    await page.setViewportSize(viewport);
    const box = await page.locator("#approve").boundingBox();
    assert.ok(box.y + box.height <= viewport.height && box.height >= 32, JSON.stringify(box));
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), viewport.width);
  }
  // Without a script the same, by the server.
  const plain = await signIn("dana", { javaScriptEnabled: false });
  await plain.goto(review("run_panes"));
  await plain.click("button[data-show='check']");
  assert.equal(await plain.locator("#fields .row:visible").count(), 2);
});

test("the desk with a document is accessible: marks, history, menu, escalating, rejecting; print has no buttons", async () => {
  const page = await signIn("dana");
  await page.goto(review("run_abc123", "block_extract"));
  await page.waitForFunction(() => document.querySelector("#page-1 img")?.naturalWidth > 0);
  await page.focus("[name='f/seller/address/postcode']");
  await page.waitForSelector(".mark-group.focus.strong .mark");
  await accessible(page, "desk with a document", "minor");
  for (const summary of ["#history > summary", "#menu > summary", ".foot summary:has-text('Escalate')", ".foot summary:has-text('Reject')"]) {
    await page.click(summary);
    await accessible(page, `open: ${summary}`, "minor");
    await page.evaluate(() => { for (const it of document.querySelectorAll("details:is(.drawer, .menu, .ask)")) it.open = false; });
  }
  await page.emulateMedia({ media: "print" });
  assert.deepEqual(await page.locator("button:visible, .button:visible").allInnerTexts(), []);
  assert.equal(await page.locator("[name='f/seller/address/postcode']").isVisible(), true);
  assert.deepEqual(page.wrong, []);
});

test("without a script the document and the fields stand side by side, and marks on what they mark", async () => {
  const page = await signIn("dana", { javaScriptEnabled: false });
  await page.goto(review("run_abc123", "block_extract"));
  const fields = await page.locator(".panes > .output").boundingBox();
  assert.ok(fields.width > 400 && fields.x > 400, JSON.stringify(fields));
  const [image, marks] = [await page.locator("#page-1 img").boundingBox(), await page.locator("#page-1 .marks").boundingBox()];
  assert.ok(Math.abs(image.height - marks.height) < 1, `${image.height} ${marks.height}`);
});

test("nothing widens a page", async () => {
  const long = "x".repeat(300);
  const block = "b".repeat(128);
  await product.open("r".repeat(128), { [long]: long, rows: [{ [long]: long, n: 1 }], list: [long], deep: { [long]: { [long]: 1 } }, text: `${long}\n${long}` }, {
    block_id: block, workflow_id: "w".repeat(128), triggered_by: { kind: long, [long]: long }, priority: 60, author: { kind: "model", id: "m", display_name: "M".repeat(200) },
  });
  const path = `/${"r".repeat(128)}/${block}`;
  const names = product.makeKey("long-name", "N".repeat(200), "read,review");
  await product.api("dana", "POST", `${path}/decision`, { verdict: "escalated", version_stamp: 0, reason: long, escalate_to: "L".repeat(200) });
  await product.api("ben", "POST", `${path}/versions`, { snapshot: { [long]: "y".repeat(300), rows: [] }, version_stamp: 1, note: long });
  await fetch(`${product.url}/v1/workflows/reviews${path}/claim`, { method: "POST", headers: { "Api-Key": names.key, "Content-Type": "application/json" }, body: JSON.stringify({ version_stamp: 2, ttl_seconds: 900 }) });
  const wide = [];
  for (const width of [390, 720, 1280, 1440]) {
    for (const who of ["dana", names.key]) {
      const page = leaves(await signIn(who, { viewport: { width, height: 860 } }));
      const look = async (what) => {
        const [page_, window_] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
        if (page_ > window_) wide.push(`${what} at ${width}: ${page_}`);
      };
      await look("queue");
      const here = `${product.url}/inbox/reviews${path}`;
      for (const query of ["", "?view=json", "?from=0&to=1"]) { await page.goto(`${here}${query}`); await look(`review${query}`); }
      await page.goto(here);
      if (who === "dana") await page.click("summary:has-text('Take over')");
      await look("taking over");
      await page.fill("#note", long);
      if (who === "dana") {
        await page.waitForSelector("dialog[open]");
        await look("asked whether to take over");
        await page.click("dialog button:has-text('Leave it to them')");
      }
      await page.click("#menu > summary");
      await page.click("button:has-text('Review next')");
      await page.waitForSelector("text=What you typed is not saved");
      await look("asked");
      await page.goto(`${product.url}/inbox?workflow_id=${"w".repeat(128)}`);
      await look("filtered queue");
      await page.context().close();
    }
  }
  assert.deepEqual(wide, []);
});

test("the first view is light", async () => {
  const page = await signIn("dana");
  const fresh = await page.context().browser().newContext({ storageState: await page.context().storageState(), viewport: WIDE });
  const view = await fresh.newPage();
  const session = await fresh.newCDPSession(view);
  await session.send("Network.enable");
  let [bytes, requests, bytesAhead] = [0, 0, 0];
  // The words of the other pages and the next page's picture are fetched ahead, at a time of their own.
  const ahead = new Set();
  session.on("Network.requestWillBeSent", ({ requestId, request }) => { if (/\/pages\/(?!1[?/])/.test(request.url)) ahead.add(requestId); });
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    if (ahead.has(requestId)) bytesAhead += encodedDataLength;
    else { bytes += encodedDataLength; requests += 1; }
  });
  // A review brings its first page's picture and words, and the modules of the document pane.
  for (const [what, address, most, calls] of [
    ["queue", `${product.url}/inbox`, 60000, 16], ["review", review("run_c51e09aa", "block_extract_contract"), 200000, 40],
  ]) {
    [bytes, requests, bytesAhead] = [0, 0, 0];
    ahead.clear();
    await session.send("Network.clearBrowserCache");
    await view.goto(address, { waitUntil: "load" });
    await view.waitForTimeout(300);
    console.log(`first view of the ${what}: ${bytes} bytes over the wire, headers included, in ${requests} requests`);
    assert.ok(bytes <= most, `${what}: ${bytes}`);
    // The page, its styles and the modules, each of which is kept for ever.
    assert.ok(requests <= calls, `${what}: ${requests}`);
    assert.ok(bytesAhead <= 110000 && ahead.size <= 7, `${what}: ${bytesAhead} ahead, in ${ahead.size} requests`);
  }
});
