// What a policy demands, as reviewers and an administrator meet it in the demo.
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

async function signIn(who, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, locale: "en-GB", timezoneId: "Europe/Berlin", ...options });
  const page = await context.newPage();
  page.wrong = [];
  page.on("pageerror", (error) => page.wrong.push(String(error)));
  await page.goto(`${product.url}/inbox`);
  await page.fill("#key", product.keys[who]);
  await page.click("button:has-text('Sign in')");
  await page.waitForURL(`${product.url}/inbox`);
  return page;
}

const [NORDWERK, GARRICK] = ["/run_sd3071/block_bank_details", "/run_sd3074/block_bank_details"];
const ORDER = "/run_po-2026~0877/block_extract_order";
const OLMEDO = "/run_es0214/block_extract";
const open = (page, review) => page.goto(`${product.url}/inbox/reviews${review}`);
const picture = (page, name) => page.screenshot({ path: join(process.env.SCREENSHOTS, `${name}.png`), animations: "disabled" });
const names = (page) => page.locator("a.row").allInnerTexts();
/** Wider than the window is cut off, or scrolls sideways. */
const fits = (page) => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);

test("the queue says what is assigned to the reader, what is due, and what is late", async () => {
  const page = await signIn("dana");
  assert.ok(await page.locator("tr .due:not(.overdue)").count() > 0 && await page.locator("tr .due.overdue").count() > 0);
  await accessible(page, "queue with due times");
  await page.click("#tab-assigned");
  await page.waitForURL(/assigned=1/);
  await page.waitForSelector("a.row:has-text('Change of bank')");
  assert.equal((await names(page)).some((name) => name.includes("HPW-2026-0418")), false);
  await accessible(page, "assigned to me");
  await page.goto(`${product.url}/inbox?overdue=1`);
  await page.waitForSelector("tr .due.overdue");
  assert.equal(await page.locator("tbody tr").count(), await page.locator("tr .due.overdue").count());
  const phone = await signIn("dana", { viewport: { width: 390, height: 844 } });
  assert.ok(await fits(phone));
  await picture(phone, "queue-due-narrow");
  assert.deepEqual([...page.wrong, ...phone.wrong], []);
});

test("an assignment that is enforced leaves others nothing to press, and the assigned may hand it on", async () => {
  const ben = await signIn("ben");
  await open(ben, ORDER);
  await ben.waitForSelector(".foot .not-yours:has-text('Assigned to finance')");
  assert.equal(await ben.locator("#approve, #save, #claim, #assign, [name^='f/']").count(), 0);
  await accessible(ben, "assigned to others");
  await picture(ben, "assigned-to-others");
  const dana = await signIn("dana");
  await open(dana, ORDER);
  await dana.click("#menu > summary");
  await dana.click("summary:has-text('Assign…')");
  await dana.click("#assign");
  await dana.waitForSelector("#assign_groups-wrong");
  await accessible(dana, "assign form");
  await dana.fill("#assign_groups", "treasury");
  await dana.fill("#assign_reason", "Their account");
  await picture(dana, "assign");
  await dana.click("#assign");
  await dana.waitForSelector("#strip:has-text('Assigned.')");
  // Ben's page learns by loading it again: now it is his.
  await open(ben, ORDER);
  await ben.waitForSelector("#approve");
  assert.deepEqual([...ben.wrong, ...dana.wrong], []);
});

test("two approvals: one is given, a correction is the maker's own, and the last one approves", async () => {
  const [dana, ben] = [await signIn("dana"), await signIn("ben")];
  await open(ben, NORDWERK);
  await ben.waitForSelector("#approve-not:has-text('You have approved this version')");
  assert.equal(await ben.locator("#approve").count(), 0);
  await accessible(ben, "approved by the reader");
  await open(dana, NORDWERK);
  assert.match(await dana.locator("#to-check .approvals").innerText(), /^1 of 2 approvals: Ben Okafor, .* One more is needed\.$/);
  await accessible(dana, "the second approval");
  // What she corrects would be hers alone: she can save it only.
  await dana.fill("[name='f/new_account/holder']", "Nordwerk");
  await dana.waitForSelector(".if-corrected:visible");
  assert.equal(await dana.locator("#approve:visible").count(), 0);
  await accessible(dana, "a correction under four eyes");
  await dana.fill("[name='f/new_account/holder']", "Nordwerk Elektrotechnik GmbH");
  await dana.waitForSelector("#approve:visible");
  await dana.click("#approve");
  const anyway = dana.locator("dialog[open] button:has-text('Approve anyway')");
  if (await anyway.waitFor({ timeout: 2000 }).then(() => true, () => false)) await anyway.click();
  await dana.waitForSelector("#strip:has-text('Approved')");
  assert.equal((await product.api("dana", "GET", NORDWERK)).status, "approved");

  // Of the first of two it is not said that the review is approved.
  await open(ben, GARRICK);
  await ben.click("#approve");
  const asked = ben.locator("dialog[open] button:has-text('Approve anyway')");
  if (await asked.waitFor({ timeout: 2000 }).then(() => true, () => false)) await asked.click();
  await ben.waitForSelector("#strip:has-text('counts: 1 of 2')");
  assert.equal((await product.api("dana", "GET", GARRICK)).status, "awaiting_review");
  await open(dana, GARRICK);
  await dana.waitForSelector("#approve-not:has-text('You made this version')");
  await accessible(dana, "own version");
  assert.deepEqual([...ben.wrong, ...dana.wrong], []);
});

test("what does not fit its schema is not approved, and the page leads to the field", async () => {
  const page = await signIn("dana");
  await open(page, OLMEDO);
  await page.click("#approve");
  const anyway = page.locator("dialog[open] button:has-text('Approve anyway')");
  if (await anyway.waitFor({ timeout: 2000 }).then(() => true, () => false)) await anyway.click();
  await page.waitForSelector(".notice.bad:has-text('Nothing was approved')");
  await page.waitForSelector("#notices .faults a:has-text('Currency')");
  // Nothing was typed, so there is nothing to save or to lose.
  assert.equal(await page.locator(".foot [data-changes]:visible").count(), 0);
  await accessible(page, "output invalid");
  await picture(page, "output-invalid");
  assert.equal((await product.api("dana", "GET", OLMEDO)).status, "awaiting_review");
  assert.deepEqual(page.wrong, []);
});

test("an administrator reads, tries and changes a policy, and meets a conflict; without a script, too", async () => {
  for (const javaScriptEnabled of [true, false]) {
    const page = await signIn("dana", { javaScriptEnabled });
    await page.click("details.menu > summary");
    await page.click("details.menu a:text-is('Policies')");
    await page.click("a:has-text('wf_invoices')");
    await page.click("button:has-text('Try it on the last 200 reviews')");
    await page.waitForSelector("#tried");
    if (javaScriptEnabled) await accessible(page, "policy, tried");
    await picture(page, `policy-tried${javaScriptEnabled ? "" : "-plain"}`);
    const typed = (await page.inputValue("#blocks")).replace(/"percent": \d+/, `"percent": ${javaScriptEnabled ? 7 : 8}`);
    await page.fill("#blocks", "{ oops");
    await page.click("button:text-is('Save')");
    await page.waitForSelector(".notice.bad:has-text('not valid JSON')");
    assert.equal(await page.inputValue("#blocks"), "{ oops");
    // Somebody is faster.
    const address = `${product.url}/v1/workflows/wf_invoices/policy`;
    const headers = { "Api-Key": product.keys.dana, "Content-Type": "application/json" };
    const { blocks, rev } = await (await fetch(address, { headers })).json();
    const put = await fetch(address, { method: "PUT", headers, body: JSON.stringify({ version_stamp: rev, blocks }) });
    assert.equal(put.status, 200, await put.text());
    await page.fill("#blocks", typed);
    await page.click("button:text-is('Save')");
    await page.waitForSelector(".notice.bad:has-text('somebody has changed the policy')");
    if (javaScriptEnabled) await accessible(page, "policy, conflict");
    await picture(page, `policy-conflict${javaScriptEnabled ? "" : "-plain"}`);
    await page.click("button:text-is('Save')");
    await page.waitForSelector(".notice.good:has-text('Saved.')");
    if (javaScriptEnabled) {
      await accessible(page, "policy");
      await page.goto(`${product.url}/inbox/policies`);
      await accessible(page, "policies");
      await page.setViewportSize({ width: 390, height: 844 });
      assert.ok(await fits(page));
    }
    assert.deepEqual(page.wrong, []);
  }
  const ben = await signIn("ben");
  assert.equal(await ben.locator("a.policies").count(), 0);
});
