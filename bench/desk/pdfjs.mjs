// How long pdf.js takes for the first page in Chromium: node pdfjs.mjs ROUNDS FILE...; one line of JSON for each file.
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";

const require = createRequire(join(process.env.MODULES, "modules.js"));
const { chromium } = require("playwright-core");
const [rounds, ...files] = process.argv.slice(2);
const build = join(process.env.MODULES, "node_modules/pdfjs-dist/build");
const server = createServer((request, response) => {
  const name = request.url.slice(1);
  if (name === "") { response.setHeader("content-type", "text/html"); response.end("<!doctype html><canvas></canvas>"); return; }
  if (name === "favicon.ico") { response.statusCode = 404; response.end(); return; }
  const file = /^\d+$/.test(name) ? files[Number(name)] : join(build, basename(name));
  response.setHeader("content-type", name.endsWith(".mjs") ? "text/javascript" : "application/pdf");
  response.end(readFileSync(file));
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${server.address().port}/`;
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"] });
const page = await browser.newPage();
await page.goto(url);
for (const [number, file] of files.entries()) {
  const seconds = await page.evaluate(async ({ number, rounds }) => {
    const pdfjs = await import("/pdf.min.mjs");
    pdfjs.GlobalWorkerOptions.workerSrc = "/pdf.worker.min.mjs";
    globalThis.worker ??= new pdfjs.PDFWorker();
    const bytes = await (await fetch(`/${number}`)).arrayBuffer();
    const took = [];
    for (let round = 0; round <= rounds; round += 1) {
      const started = performance.now();
      const document_ = await pdfjs.getDocument({ data: bytes.slice(0), worker: globalThis.worker }).promise;
      const first = await document_.getPage(1);
      const viewport = first.getViewport({ scale: 1200 / first.getViewport({ scale: 1 }).width });
      const canvas = document.querySelector("canvas");
      [canvas.width, canvas.height] = [viewport.width, viewport.height];
      await first.render({ canvasContext: canvas.getContext("2d"), viewport, intent: "print" }).promise;
      await first.getTextContent();
      // The first round warms the worker.
      if (round > 0) took.push((performance.now() - started) / 1000);
      document_.cleanup();
    }
    took.sort((one, other) => one - other);
    return took[Math.floor(took.length / 2)];
  }, { number, rounds: Number(rounds) });
  console.log(JSON.stringify({ name: basename(file, ".pdf"), seconds }));
}
await browser.close();
server.close();
