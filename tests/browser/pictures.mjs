// The pictures of the pages, and the frames of one review: scripts/pictures runs this and makes them small.
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { launch, start } from "./product.mjs";

const folder = process.env.SCREENSHOTS;
const [WIDE, NARROW] = [{ width: 1440, height: 900 }, { width: 390, height: 844 }];
const product = await start();
const browser = await launch();
const review = (run, block) => `${product.url}/inbox/reviews/${run}/${block}`;
const HARROW = review("run_abc123", "block_extract");
const postcode = "[data-path$='/postcode'] input";

async function signIn(who, options = {}) {
  const context = await browser.newContext({ viewport: WIDE, locale: "en-GB", timezoneId: "Europe/Berlin", reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  await page.goto(`${product.url}/inbox`);
  await page.fill("#key", product.keys[who]);
  await page.click("button:has-text('Sign in')");
  await page.waitForURL(`${product.url}/inbox`);
  return page;
}
const picture = (page, name) => page.screenshot({ path: join(folder, `${name}.png`), animations: "disabled" });
/** The first page of the document is drawn. */
const drawn = (page) => page.waitForFunction(() => {
  const image = document.querySelector("#page-1 img");
  return image?.complete && image.naturalWidth > 0 && !document.querySelector(".sheet.loading");
});
const marked = (page) => page.waitForSelector(".mark-group.focus.strong .mark");

for (const [colorScheme, suffix] of [["light", ""], ["dark", "-dark"]]) {
  const page = await signIn("dana", { colorScheme });
  await picture(page, `queue${suffix}`);
  await page.goto(HARROW);
  await drawn(page);
  await page.focus(postcode);
  await marked(page);
  await picture(page, `review${suffix}`);
  await page.context().close();
}

const phone = await signIn("dana", { viewport: NARROW, deviceScaleFactor: 2 });
await phone.goto(HARROW);
await phone.waitForSelector("[data-left]:has-text('3 to check')");
await picture(phone, "review-narrow");
await phone.context().close();

// One review: found, checked by keys, corrected, approved. Each frame with how long it is looked at.
const page = await signIn("dana");
const frames = [];
async function frame(milliseconds) {
  const name = `frame-${String(frames.length).padStart(2, "0")}`;
  await picture(page, name);
  frames.push([`${name}.png`, milliseconds]);
}
await frame(1800);
await page.focus("a.row:has-text('HPW-2026-0418')");
await frame(900);
await page.keyboard.press("Enter");
await page.waitForURL(/run_abc123/);
await drawn(page);
await page.waitForSelector("[data-left]:has-text('3 to check')");
await frame(1800);
await page.keyboard.press("Enter");
await page.waitForSelector(".to-check :focus");
await marked(page);
await frame(2000);
await page.keyboard.press("Control+Space");
await page.waitForSelector("[data-left]:has-text('2 to check')");
await page.waitForSelector(`${postcode}:focus`);
await marked(page);
await frame(2600);
for (const typed of ["LS11 5", "LS11 50", "LS11 502"]) {
  await page.fill(postcode, typed);
  await frame(typed === "LS11 502" ? 2200 : 450);
}
await page.waitForSelector("[data-left]:has-text('1 to check')");
// The doubt that no likelihood tells of: the line's amount does not follow from its price.
const price = page.locator("[data-path='/line_items/1/unit_price'] input, [name='f/line_items/1/unit_price']").first();
await price.focus();
await marked(page);
await frame(2200);
await price.fill("1875.00");
await frame(1800);
await page.keyboard.press("Control+Enter");
const ask = page.locator("dialog[open] button:has-text('Approve anyway')");
if (await ask.waitFor({ timeout: 1500 }).then(() => true, () => false)) await ask.click();
await page.waitForSelector("#strip:has-text('Approved')");
await drawn(page);
await frame(2600);
writeFileSync(join(folder, "frames.json"), JSON.stringify(frames));
await page.context().close();

// A conflict: Ben is faster.
const GARRICK = review("run_gp0887", "block_extract");
const field = (page, name) => page.locator(`[name='f/${name}']`);
const late = await signIn("dana");
await late.goto(GARRICK);
await drawn(late);
const ben = await signIn("ben");
await ben.goto(GARRICK);
await field(ben, "due_date").fill("2026-06-04");
await ben.locator(".foot button:has-text('Save')").click();
await ben.waitForSelector(".foot .saved:has-text('Version 1')");
await field(late, "purchase_order").fill("CVC-PO-3402");
await late.locator(".foot button:has-text('Save')").click();
await late.waitForSelector("text=Somebody was faster");
await picture(late, "conflict");

await browser.close();
await product.stop();
