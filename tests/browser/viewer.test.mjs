// The document pane in a real browser, alone: its pages and words are made here, in the shapes in which the server answers.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { laidOut } from "../../functions/inbox/assets/tests/laid_out.mjs";
import { axe, launch } from "./product.mjs";

const ASSETS = join(import.meta.dirname, "..", "..", "functions", "inbox", "assets");
const TEXT = `Harrow & Pike Workplace Ltd                    INVOICE
Leeds LS11 502                                 No. HPW-2026-0418
                                               Due 10 June 2026

Item                                  Qty     Unit       Amount
Treatment couch                         2     1,249.90     2,499.80
Reception desk                          1     1,875.00     1,875.00
                                              Total GBP    4,374.80`;
const PAGES = { short: [TEXT, "Terms of payment"], flaky: ["Another document"], long: Array.from({ length: 300 }, (_, at) => `Statement, page ${at + 1}\nreference ZX-${String(at + 1).padStart(4, "0")}`) };
const FIELDS = [
  ["/seller/postcode", "Postcode", "text", "LS11 5O2"], ["/number", "Invoice number", "text", "HPW-2026-0418"], ["/due_date", "Due date", "date", "2026-06-10"],
  ["/items/0/unit_price", "Unit price", "number", 1249.9], ["/items/0/amount", "Amount", "number", 2499.8], ["/items/1/unit_price", "Unit price", "number", 1857],
  ["/items/1/amount", "Amount", "number", 1875], ["/total", "Total", "number", 4374.8], ["/reference", "Reference", "text", "ZX-0020"],
].map(([path, label, kind, value]) => ({ path, label, kind, value }));
// One white pixel; a picture's size is told by its words.
const PIXEL = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+M8AAQUBAScY42YAAAAASUVORK5CYII=", "base64");

// The policy of the inbox's pages.
const POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const tab = (id, name) => `<a href="?document=${id}" data-document="${id}" data-type="application/pdf" data-name="${name}">${name}</a>`;
const tool = (name, text) => `<button class="tool" type="button" data-tool="${name}" aria-label="${name}" hidden>${text}</button>`;
const PAGE = `<!doctype html><html lang="en" class="js"><meta charset="utf-8"><title>Pane</title><link rel="stylesheet" href="/inbox.css"><link rel="stylesheet" href="/document.css"><link rel="stylesheet" href="/try.css">
<main><h1 class="visually-hidden">Pane</h1><div class="viewer" data-viewer data-base="/documents" data-document="short" data-page="1">
<div class="viewer-tools" role="toolbar" aria-label="Document"><nav class="viewer-tabs" aria-label="Documents">${tab("short", "invoice.pdf")}${tab("long", "statement.pdf")}${tab("locked", "locked.pdf")}${tab("flaky", "flaky.pdf")}</nav>
<a class="tool" data-tool="before" aria-label="Previous page">‹</a><span class="viewer-page" data-tool="page"></span><a class="tool" href="?page=2" data-tool="after" aria-label="Next page">›</a>
${tool("out", "−")}${tool("in", "+")}${tool("fit", "Fit")}${tool("turn", "⟳")}<a class="tool" href="/documents/short" data-tool="download">Download</a></div>
<div class="viewer-note" role="status"></div><div class="viewer-pages" tabindex="0" role="region" aria-label="Pages"></div>
<script type="application/json" data-marks>[["/number","short",1,[0.4,0.03,0.2,0.015]]]</script></div></main>
<script type="module" src="/try.js"></script></html>`;
const TRY = `import { createViewer } from "/desk/viewer.js";
globalThis.told = [];
globalThis.viewer = createViewer(document.querySelector("[data-viewer]"), {
  onMark: (path) => told.push(["mark", path]), onWord: (text, { append }) => told.push(["word", text, append]), announce: () => {} });
viewer.setFields(${JSON.stringify(FIELDS)});
`;

let server, browser, page, address, asked, isBroken, faults;

function answer(path, width) {
  const at = /^\/documents\/(\w+)\/pages\/(\d+)(\/words)?$/.exec(path);
  if (!at) return null;
  const [, document, number, isWords] = at;
  asked.push(`${document} ${number}${isWords ? " words" : ` ${width}`}`);
  if (document === "locked") return [422, "application/json", JSON.stringify({ detail: { code: "page_unavailable", details: { reason: "password_protected" } } })];
  if (document === "flaky" && isBroken && !isWords) return [503, "application/json", "{}"];
  const pages = PAGES[document];
  if (!isWords) return [200, "image/png", PIXEL];
  return [200, "application/json", JSON.stringify({ ...laidOut(pages[number - 1], Number(number)), pages: pages.length, has_text: true, warnings: [] })];
}

before(async () => {
  server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url, "http://localhost");
    const isAsset = /^\/(?:\w+\.css|desk\/\w+\.js)$/.test(pathname);
    const made = { "/": ["text/html", PAGE], "/try.js": ["text/javascript", TRY], "/try.css": ["text/css", "main { height: 700px; display: grid; padding: 0 }"] }[pathname];
    const [status, type, body] = made ? [200, ...made] : isAsset ? [200, pathname.endsWith(".css") ? "text/css" : "text/javascript", readFileSync(join(ASSETS, pathname))] : answer(pathname, searchParams.get("width")) ?? [404, "text/plain", ""];
    response.writeHead(status, { "Content-Type": type, "Content-Security-Policy": POLICY }).end(body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  address = `http://127.0.0.1:${server.address().port}/`;
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.close();
});
beforeEach(async () => {
  [asked, isBroken] = [[], true];
  await page?.context().close();
  faults = [];
  page = await (await browser.newContext({ viewport: { width: 900, height: 720 }, reducedMotion: "reduce" })).newPage();
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("console", (message) => message.text().includes("Content Security Policy") && faults.push(message.text()));
  await page.goto(address);
  await page.waitForFunction(() => document.querySelector("[data-tool='page']").textContent === "1 / 2");
});

afterEach(() => assert.deepEqual(faults, []));

const note = () => page.textContent(".viewer-note");
const noted = (text) => page.waitForFunction((sought) => document.querySelector(".viewer-note").textContent.includes(sought), text);
const show = (path) => page.evaluate((field) => globalThis.viewer.showField(field), FIELDS.find((field) => field.path === path));
const told = () => page.evaluate(() => globalThis.told);
/** The middle of a word of the first page, on the screen. */
async function word(text) {
  const [left, top, width, height] = laidOut(TEXT).words.find((other) => other.text === text).box;
  const sheet = await page.locator("[data-sheet='1']").boundingBox();
  return [sheet.x + (left + width / 2) * sheet.width, sheet.y + (top + height / 2) * sheet.height];
}

test("the focused field's place is marked, and how it was found is said", async () => {
  await show("/total");
  await noted("Total · found by search");
  assert.equal(await page.locator(".mark-group.focus.strong.exact").count(), 1);
  await show("/number");
  await noted("Invoice number");
  assert.equal(await page.locator(".mark-group.focus.strong.given").count(), 1);
  await show("/seller/postcode");
  await noted("spelled alike");
  await show("/items/1/unit_price");
  await noted("expected here");
  await page.evaluate(() => globalThis.viewer.showField(null));
  assert.equal(await page.locator(".mark-group.focus").count(), 0);
});

test("a click on a mark leads to its field, a click on a word takes it", async () => {
  await show("/seller/postcode");
  await page.waitForSelector(".mark-group.quiet[data-field='/total']", { state: "attached" });
  await page.mouse.click(...(await word("4,374.80")));
  await page.mouse.click(...(await word("INVOICE")));
  await page.keyboard.down("Shift");
  await page.mouse.click(...(await word("4,374.80")));
  await page.keyboard.up("Shift");
  await page.mouse.click(...(await word("502")));
  assert.deepEqual(await told(), [["mark", "/total"], ["word", "INVOICE", false], ["word", "4,374.80", true], ["word", "502", false]]);
});

test("dragging takes several words as they are read", async () => {
  const [from, to] = [await word("Harrow"), await word("502")];
  await page.mouse.move(from[0] - 5, from[1]);
  await page.mouse.down();
  await page.mouse.move(...to, { steps: 5 });
  await page.mouse.up();
  assert.deepEqual(await told(), [["word", "Harrow & Pike Leeds LS11 502", false]]);
});

test("words are picked by keys alone", async () => {
  await page.focus(".viewer-pages");
  for (const key of ["w", "ArrowDown", "ArrowRight", "Enter", "ArrowRight", "Shift+Enter", "Escape", "Enter"]) await page.keyboard.press(key);
  assert.deepEqual(await told(), [["word", "LS11", false], ["word", "502", true]]);
});

test("of several places the next is a key away, from wherever the focus is", async () => {
  await page.evaluate(() => globalThis.viewer.showField({ path: "/other", label: "Other", kind: "number", value: 1875 }));
  await noted("1 of 2");
  await page.keyboard.press("Alt+m");
  await noted("2 of 2");
  await page.keyboard.press("Alt+Shift+m");
  await noted("1 of 2");
});

test("zoom and rotation by keys, and a turned page is still clicked right", async () => {
  await page.focus(".viewer-pages");
  const width = async () => (await page.locator("[data-sheet='1']").boundingBox()).width;
  const fit = await width();
  await page.keyboard.press("+");
  assert.ok((await width()) > fit);
  await page.keyboard.press("0");
  assert.equal(await width(), fit);
  await page.keyboard.press("r");
  const sheet = await page.locator("[data-sheet='1']").boundingBox();
  assert.ok(sheet.width > sheet.height);
  const [left, top, wide, high] = laidOut(TEXT).words.find(({ text }) => text === "INVOICE").box;
  await page.mouse.click(sheet.x + (1 - top - high / 2) * sheet.width, sheet.y + (left + wide / 2) * sheet.height);
  assert.deepEqual(await told(), [["word", "INVOICE", false]]);
});

test("of 300 pages only those near the view are loaded, and a field is looked for on others", async () => {
  await page.click("text=statement.pdf");
  await page.waitForFunction(() => document.querySelectorAll(".sheet").length === 300);
  await page.waitForLoadState("networkidle");
  assert.ok(asked.filter((it) => it.startsWith("long") && !it.includes("words")).length <= 4, asked.join());
  await show("/reference");
  await noted("Reference · found by search");
  await page.waitForFunction(() => document.querySelector("[data-tool='page']").textContent === "20 / 300");
  await page.evaluate(() => { document.querySelector(".viewer-pages").scrollTop = 1e9; });
  await page.waitForFunction(() => document.querySelector("[data-tool='page']").textContent === "300 / 300");
  assert.ok(await page.locator(".sheet img[src]").count() <= 14);
});

test("a page that cannot be shown says why, and what can pass is tried again", async () => {
  await page.click("text=locked.pdf");
  await page.waitForSelector("text=This document is protected by a password.");
  assert.equal(await page.getAttribute("figcaption a", "href"), "/documents/locked");
  assert.equal(await page.locator("figcaption button").count(), 0);
  await page.click("text=flaky.pdf");
  await page.waitForSelector("text=Too many pages are being made");
  isBroken = false;
  await page.locator("figcaption button").first().click();
  await page.waitForFunction(() => document.querySelector("[data-sheet='1'] img").naturalWidth > 0 && !document.querySelector("[data-sheet='1'] figcaption"));
});

test("the pane is accessible in light and dark", async () => {
  await show("/total");
  await noted("Total");
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
    assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]), []);
  }
  assert.equal(await note(), "Total · found by search");
});
