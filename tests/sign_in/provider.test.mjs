// The product's binary, signing in at a certified OpenID provider: what a browser does, without one.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";

const require = createRequire(join(process.env.MODULES, "modules.js"));
const { default: Provider } = await import(pathToFileURL(require.resolve("oidc-provider")));

const SECRET = "s3cret:with/signs";
let server, issuer, folder, product, url, groups = ["finance", "legal"], claims = {}, lifetime = 300;

/** A browser: its cookies by host, and the way it follows redirects, forms and pages that go on by themselves. */
class Browser {
  jars = new Map();
  async fetch(address, options = {}) {
    const { host } = new URL(address);
    const jar = this.jars.get(host) ?? this.jars.set(host, new Map()).get(host);
    const headers = { ...options.headers, "User-Agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0" };
    if (jar.size) headers.Cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await fetch(address, { ...options, headers, redirect: "manual" });
    for (const cookie of answer.headers.getSetCookie()) {
      const [pair] = cookie.split(";");
      const at = pair.indexOf("=");
      if (/max-age=0|expires=Thu, 01 Jan 1970/i.test(cookie)) jar.delete(pair.slice(0, at));
      else jar.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return { status: answer.status, location: answer.headers.get("location"), text: await answer.text(), address };
  }
  post(address, fields) {
    const headers = { "Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin" };
    return this.fetch(address, { method: "POST", headers, body: new URLSearchParams(fields) });
  }
  /** Follows redirects and the issuer's own forms until a page of ours, or one that goes on by itself. */
  async follow(answer, login) {
    for (let steps = 0; steps < 20; steps += 1) {
      if (answer.location) {
        answer = await this.fetch(new URL(answer.location, answer.address));
        continue;
      }
      const form = answer.text.match(/<form[^>]* action="([^"]+)"/);
      if (!answer.address.toString().startsWith(issuer) || !form) return answer;
      const prompt = answer.text.match(/name="prompt" value="([^"]+)"/)[1];
      const fields = prompt === "login" ? { prompt, login, password: "x" } : { prompt };
      answer = await this.post(new URL(form[1], answer.address), fields);
    }
    throw new Error("no end");
  }
  /** From our sign-in page to the issuer and back. */
  async signIn(login, more = {}) {
    const start = await this.post(`${url}/inbox/sign-in/issuer`, { organization: "org_demo", issuer: "provider", ...more });
    assert.equal(start.status, 200, start.text);
    const to = start.text.match(/href="(http[^"]+)"/)[1].replaceAll("&amp;", "&");
    return this.follow(await this.fetch(to), login);
  }
}

const holdpoint = (...words) => execFileSync(process.env.HOLDPOINT, ["--data-dir", folder, ...words], { encoding: "utf8", stdio: ["pipe", "pipe", "ignore"] });

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "holdpoint-sign-in-"));
  product = spawn(process.env.HOLDPOINT, ["--data-dir", folder, "--port", "0", "--no-demo"], { stdio: ["ignore", "pipe", "ignore"] });
  url = await new Promise((resolve, reject) => {
    product.on("exit", (code) => reject(new Error(`holdpoint ended with ${code}`)));
    createInterface({ input: product.stdout }).on("line", (line) => {
      const at = line.match(/^Holdpoint is at (\S+)\/v1/);
      if (at) resolve(at[1]);
    });
  });
  server = createServer((request, response) => {
    if (request.url === "/token" && lifetime === 1) {
      // What is said now arrives when it has expired.
      const end = response.end.bind(response);
      response.end = (...said) => setTimeout(() => end(...said), 2_100);
    }
    return provider.callback()(request, response);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: "holdpoint", client_secret: SECRET, redirect_uris: [`${url}/inbox/sign-in/callback`], response_types: ["code"], grant_types: ["authorization_code"] }],
    claims: { openid: ["sub", "groups"], email: ["email", "email_verified"], profile: ["name"] },
    conformIdTokenClaims: false,
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, name: `${id} Provider`, email: `${id}@example.com`, email_verified: true, groups, ...claims }),
    }),
    features: { devInteractions: { enabled: true } },
    pkce: { required: () => true },
    ttl: { IdToken: () => lifetime, AuthorizationCode: 60, Session: 600, Interaction: 600, Grant: 600, AccessToken: 60 },
  });
  execFileSync(
    process.env.HOLDPOINT,
    ["--data-dir", folder, "sso", "add", "--id", "provider", "--name", "Provider", "--issuer", issuer, "--client-id", "holdpoint",
      "--client-secret-stdin", "--email-domains", "example.com", "--lets-in", "--groups-claim", "groups"],
    { input: SECRET, stdio: ["pipe", "ignore", "inherit"] },
  );
});

after(async () => {
  product.removeAllListeners("exit");
  product.kill("SIGTERM");
  await new Promise((resolve) => product.on("exit", resolve));
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

const isIn = async (browser) => (await browser.fetch(`${url}/inbox`)).status === 200;

test("somebody signs in, with their groups, and signs out", async () => {
  const browser = new Browser();
  assert.equal(await isIn(browser), false);
  const back = await browser.signIn("dana", { return: "/inbox/sessions" });
  assert.equal(back.status, 200, back.text);
  assert.match(back.text, /http-equiv="refresh" content="0; url=\/inbox\/sessions"/);
  assert.equal(await isIn(browser), true);
  assert.match(holdpoint("members", "list"), /dana Provider {2}dana@example\.com {2}reviewer {2}finance,legal {2}active/);
  groups = ["finance"];
  await browser.signIn("dana");
  assert.match(holdpoint("members", "list"), /dana@example\.com {2}reviewer {2}finance {2}active/);
  const page = (await browser.fetch(`${url}/inbox`)).text;
  const token = page.match(/name="form_token" value="([^"]+)"/)[1];
  const out = await browser.post(`${url}/inbox/sign-out`, { form_token: token });
  assert.equal(out.location, "/inbox/sign-in?done=signed-out");
  assert.equal(await isIn(browser), false);
});

test("an answer is taken once, and by its own browser alone", async () => {
  const [browser, other] = [new Browser(), new Browser()];
  const back = await browser.signIn("ben");
  assert.equal(back.status, 200);
  assert.match(back.address.toString(), /[?&]iss=/, "oidc-provider sends iss (RFC 9207)");
  for (const who of [browser, other]) {
    assert.equal((await who.fetch(back.address)).status, 400);
  }
  assert.equal(await isIn(other), false);
});

test("a token that has expired is refused", async () => {
  lifetime = 1;
  const browser = new Browser();
  const back = await browser.signIn("carla");
  lifetime = 300;
  assert.equal(back.status, 400, back.text);
  assert.match(back.text, /cannot be trusted/);
  assert.equal(await isIn(browser), false);
});

test("an address of another domain, and one that is not verified, are not let in", async () => {
  for (const other of [{ email: "eve@evil.example" }, { email_verified: false }]) {
    claims = other;
    const browser = new Browser();
    const back = await browser.signIn("eve");
    assert.equal(back.status, 403);
    assert.match(back.text, /not a member/);
    assert.equal(await isIn(browser), false);
  }
  claims = {};
});

test("an invite of the command line makes an administrator, and a disabled member stays out", async () => {
  const link = holdpoint("members", "invite", "--roles", "admin", "--url", url).trim();
  const invite = new URL(link).searchParams.get("invite");
  const browser = new Browser();
  assert.match((await browser.fetch(link)).text, /You are invited/);
  claims = { email: "first@elsewhere.example" };
  assert.equal((await browser.signIn("first", { invite })).status, 200);
  const line = holdpoint("members", "list").split("\n").find((it) => it.includes("first Provider"));
  assert.match(line, / {2}admin {2}finance {2}active/);
  assert.equal((await new Browser().signIn("second", { invite })).status, 403);
  claims = {};
  holdpoint("members", "disable", line.split(" ")[0]);
  assert.equal(await isIn(browser), false, "its sessions have ended");
  assert.equal((await new Browser().signIn("first")).status, 403);
});
