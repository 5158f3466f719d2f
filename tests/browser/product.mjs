// The product as its binary runs it, a browser, and the API beside them.
import assert from "node:assert/strict";
import { spawn, execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const require = createRequire(join(process.env.MODULES, "modules.js"));
const { chromium } = require("playwright-core");
export const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

// Without the background networking flags Chromium asks for hosts that nobody has asked for.
const ARGUMENTS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--font-render-hinting=none",
];

/** Starts Holdpoint in a folder of its own, with its demo. */
export async function start() {
  const folder = mkdtempSync(join(tmpdir(), "holdpoint-browser-"));
  const process_ = spawn(process.env.HOLDPOINT, ["--data-dir", folder, "--port", "0"], { stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  process_.stderr.on("data", (chunk) => { log += chunk; });
  const keys = {};
  const url = await new Promise((resolve, reject) => {
    let address;
    process_.on("exit", (code) => reject(new Error(`holdpoint ended with ${code}: ${log}`)));
    createInterface({ input: process_.stdout }).on("line", (line) => {
      const at = line.match(/^Holdpoint is at (\S+)\/v1/);
      if (at) address = at[1];
      const key = line.match(/^ {2}(\w+) \w+\s.*\s(hp_\S+)$/);
      if (key) keys[key[1].toLowerCase()] = key[2];
      if (line.startsWith("Ctrl-C stops")) resolve(address);
    });
  });
  const api = async (who, method, path, body) => {
    const answer = await fetch(`${url}/v1/workflows/reviews${path}`, {
      method, headers: { "Api-Key": keys[who], "Content-Type": "application/json" }, body: body && (typeof body === "string" ? body : JSON.stringify(body)),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : null;
  };
  /** Makes a key: the CLI works beside the running product. */
  const makeKey = (id, name, scopes) => {
    const out = execFileSync(process.env.HOLDPOINT, ["--data-dir", folder, "keys", "create", "--id", id, "--name", name, "--scopes", scopes, "--json"], { encoding: "utf8" });
    const made = JSON.parse(out);
    return { key: made.key, id: made.key_id };
  };
  const revoke = (id) => execFileSync(process.env.HOLDPOINT, ["--data-dir", folder, "keys", "revoke", id]);
  const stop = async () => {
    process_.removeAllListeners("exit");
    const ended = new Promise((resolve) => process_.on("exit", resolve));
    process_.kill("SIGTERM");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  /** Opens a review with that output. */
  const open = (run, snapshot, more = {}) => {
    const opening = { run_id: run, block_id: "extract", workflow_id: "wf_test", workflow_version_id: "wfv_1", block_type: "extract", triggered_by: { kind: "always" }, priority: 0, ...more };
    const text = JSON.stringify(opening);
    return api("ledger", "POST", "", `${text.slice(0, -1)},"snapshot":${typeof snapshot === "string" ? snapshot : JSON.stringify(snapshot)}}`);
  };
  return { url, keys, api, open, makeKey, revoke, stop, log: () => log };
}

export const launch = () => chromium.launch({ executablePath: process.env.CHROMIUM, args: ARGUMENTS });

/** No violation that matters, in light and dark. */
export async function accessible(page, what, least = "serious") {
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    // Evaluated by the driver, which no content policy binds.
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
    const bad = violations.filter((it) => least === "minor" || ["serious", "critical"].includes(it.impact));
    assert.deepEqual(bad.map((it) => `${it.id}: ${it.nodes.map((node) => node.html.slice(0, 200)).join(" | ")}`), [], `${what}, ${colorScheme}`);
  }
  await page.emulateMedia({ colorScheme: "light" });
}
