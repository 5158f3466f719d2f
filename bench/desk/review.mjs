// One review by keyboard: what it loads, and how many keys it takes. One line of JSON for each figure.
import { start } from "../../tests/browser/product.mjs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.env.MODULES, "modules.js"));
const { chromium } = require("playwright-core");
const product = await start();
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"] });
const tell = (what, value) => console.log(JSON.stringify({ what, value }));
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  let [requests, bytes] = [0, 0];
  session.on("Network.requestWillBeSent", () => { requests += 1; });
  session.on("Network.requestServedFromCache", () => { requests -= 1; });
  session.on("Network.responseReceived", ({ response }) => { if (response.fromDiskCache) requests -= 1; });
  session.on("Network.loadingFinished", (event) => { bytes += event.encodedDataLength; });
  const since = () => { const counted = [requests, bytes]; [requests, bytes] = [0, 0]; return counted; };
  await page.goto(`${product.url}/inbox`);
  await page.fill("#key", product.keys.dana);
  await page.keyboard.press("Enter");
  await page.waitForURL(`${product.url}/inbox`);
  await page.waitForLoadState("networkidle");
  since();
  let keys = 0;
  const press = async (key) => { keys += 1; await page.keyboard.press(key); };
  const started = performance.now();
  await press("n");
  await page.waitForURL(/\/reviews\//);
  await page.waitForLoadState("networkidle");
  const [firstRequests, firstBytes] = since();
  tell("requests of the first review shown", firstRequests);
  tell("KB of the first review shown", Math.round(firstBytes / 1000));
  const shown = page.url();
  const left = Number(await page.locator(".strip b, .strip strong").first().textContent().then((text) => text.match(/\d+/)?.[0] ?? 0));
  for (let check = 0; check < left; check += 1) { await press("Enter"); await press("Control+Space"); }
  await press("Control+Enter");
  if (await page.locator("dialog[open]").count()) await press("Enter");
  await page.waitForURL((url) => url.pathname.includes("/reviews/") && url.href.split("?")[0] !== shown.split("?")[0], { timeout: 30000 });
  await page.waitForLoadState("networkidle");
  const [nextRequests, nextBytes] = since();
  tell("fields to check in it", left);
  tell("keys from \"Start reviewing\" to the next review shown", keys);
  tell("requests of the second review shown, with the decision", nextRequests);
  tell("KB of the second review shown, with the decision", Math.round(nextBytes / 1000));
  tell("seconds of all that, development build", Number(((performance.now() - started) / 1000).toFixed(1)));
} finally {
  await browser.close();
  await product.stop();
}
