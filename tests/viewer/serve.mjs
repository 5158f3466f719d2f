// The document pane alone, with pages made by poppler: node tests/viewer/serve.mjs PORT FILE.pdf… ; a FILE may be `locked.pdf`.
// What `page` and the inbox answer is answered here in their shapes. For looking at the pane; nothing of this is shipped.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { basename, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const ASSETS = join(import.meta.dirname, "..", "..", "functions", "inbox", "assets");
const FIELDS = process.env.FIELDS ? JSON.parse(readFileSync(process.env.FIELDS, "utf8")) : [];
const MARKS = process.env.MARKS ? JSON.parse(readFileSync(process.env.MARKS, "utf8")) : [];
const CSS = process.env.INBOX_CSS ?? join(ASSETS, "inbox.css");
const unescaped = (text) => text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name) => ({ amp: "&", lt: "<", gt: ">", quot: '"' })[name] ?? "'");
const escaped = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

async function wordsOf(file, page) {
  const { stdout: info } = await run("pdfinfo", [file]);
  const pages = Number(/Pages:\s+(\d+)/.exec(info)[1]);
  if (page > pages) throw new Error("no_such_page");
  const { stdout: html } = await run("pdftotext", ["-bbox", "-f", page, "-l", page, file, "-"], { maxBuffer: 1 << 28 });
  const [, width, height] = /width="([\d.]+)" height="([\d.]+)"/.exec(html).map(Number);
  const words = [...html.matchAll(/<word xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)" yMax="([-\d.]+)">(.*?)<\/word>/gs)].map(([, l, t, r, b, text]) => (
    { text: unescaped(text), box: [l / width, t / height, (r - l) / width, (b - t) / height] }));
  return { page, pages, width, height, has_text: words.length > 0, warnings: [], words };
}

async function pictureOf(file, page, width) {
  const { stdout } = await run("pdftoppm", ["-png", "-f", page, "-l", page, "-scale-to-x", width, "-scale-to-y", "-1", file], { encoding: "buffer", maxBuffer: 1 << 28 });
  return stdout;
}

function pane(files) {
  const named = files.map((file, at) => ({ id: `doc${at}`, name: basename(file) }));
  const tools = named.length > 1
    ? `<nav class="viewer-tabs" aria-label="Documents">${named.map(({ id, name }, at) => `<a href="?document=${id}" data-document="${id}" data-type="application/pdf" data-name="${escaped(name)}"${at ? "" : ' aria-current="true"'}><bdi>${escaped(name)}</bdi></a>`).join("")}</nav>`
    : `<span class="viewer-name" data-document="doc0" data-type="application/pdf" data-name="${escaped(named[0].name)}"><bdi>${escaped(named[0].name)}</bdi></span>`;
  return `<div class="viewer" data-viewer data-base="/documents" data-document="doc0" data-page="1">
<div class="viewer-tools" role="toolbar" aria-label="Document">${tools}<span class="viewer-sep"></span>
<a class="tool" data-tool="before" aria-label="Previous page" aria-disabled="true">‹</a><span class="viewer-page" data-tool="page">1</span><a class="tool" href="?page=2" data-tool="after" aria-label="Next page">›</a>
<button class="tool" type="button" data-tool="out" aria-label="Zoom out" hidden>−</button><button class="tool" type="button" data-tool="in" aria-label="Zoom in" hidden>+</button>
<button class="tool" type="button" data-tool="fit" aria-pressed="true" hidden>Fit</button><button class="tool" type="button" data-tool="turn" aria-label="Rotate" hidden>⟳</button><a class="tool" href="/documents/doc0" data-tool="download">Download</a></div>
<div class="viewer-note" role="status"></div>
<div class="viewer-pages" tabindex="0" role="region" aria-label="Pages of ${escaped(named[0].name)}"><figure class="sheet" id="page-1" data-sheet="1" aria-label="Page 1"><img src="/documents/doc0/pages/1?width=1200" alt="Page 1"><svg class="marks" viewBox="0 0 1 1" preserveAspectRatio="none"></svg></figure></div>
<script type="application/json" data-marks>${JSON.stringify(MARKS).replaceAll("<", "\\u003c")}</script></div>`;
}

const TRY = `import { createViewer } from "/desk/viewer.js";
const fields = ${JSON.stringify(FIELDS)};
const log = document.querySelector("#log");
const controls = new Map();
let current;
const viewer = createViewer(document.querySelector("[data-viewer]"), {
  onMark: (path) => controls.get(path)?.focus(), onWord: (text, { append }) => { log.textContent += "word: " + text + (append ? " (append)" : "") + "\\n"; if (current) current.value = append ? current.value + " " + text : text; },
  announce: (text) => { document.querySelector("#announce").textContent = text; } });
for (const field of fields) {
  const label = Object.assign(document.createElement("label"), { textContent: field.label });
  const input = Object.assign(document.createElement("input"), { value: field.value });
  input.dataset.path = field.path;
  input.addEventListener("focus", () => { current = input; viewer.showField({ ...field, value: input.value === String(field.value) ? field.value : input.value }); });
  label.append(input);
  controls.set(field.path, input);
  document.querySelector("form").append(label);
}
viewer.setFields(fields);
globalThis.viewer = viewer;`;

const [port, ...files] = process.argv.slice(2);
let requests = [];
createServer(async (request, response) => {
  const url = new URL(request.url, "http://localhost");
  const send = (status, type, body) => response.writeHead(status, { "Content-Type": type }).end(body);
  try {
    if (url.pathname === "/") return send(200, "text/html", readFileSync(join(ASSETS, "tests", "viewer.html"), "utf8").replace("<!-- PANE -->", pane(files)));
    if (url.pathname === "/try.js") return send(200, "text/javascript", TRY);
    if (url.pathname === "/inbox.css") return send(200, "text/css", readFileSync(CSS));
    if (url.pathname === "/requests") { send(200, "application/json", JSON.stringify(requests)); requests = []; return; }
    if (/^\/(document\.css|desk\/\w+\.js)$/.test(url.pathname)) return send(200, url.pathname.endsWith("css") ? "text/css" : "text/javascript", readFileSync(join(ASSETS, url.pathname)));
    const at = /^\/documents\/doc(\d+)\/pages\/(\d+)(\/words)?$/.exec(url.pathname);
    if (!at) return send(404, "text/plain", "");
    requests.push(url.pathname + url.search);
    const file = files[Number(at[1])];
    if (file === "locked.pdf") return send(422, "application/json", JSON.stringify({ code: "page_unavailable", details: { reason: "password_protected" } }));
    return at[3] ? send(200, "application/json", JSON.stringify(await wordsOf(file, Number(at[2])))) : send(200, "image/png", await pictureOf(file, Number(at[2]), Number(url.searchParams.get("width") ?? 1200)));
  } catch (error) {
    send(500, "application/json", JSON.stringify({ message: String(error) }));
  }
}).listen(Number(port), "127.0.0.1");
