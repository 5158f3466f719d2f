// The demo's documents, with the anchors that came with them as the truth: PAGE=target/debug/page node tests/places/demo.mjs [1]
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { WordIndex, findPlaces } from "../../functions/inbox/assets/desk/places.js";

const DEMO = join(import.meta.dirname, "..", "..", "local", "demo");
const read = (path) => JSON.parse(readFileSync(path, "utf8"));

function pagesOf(file, type) {
  const document = readFileSync(file);
  const pages = [];
  for (let page = 1; page <= (pages[0]?.pages ?? 1); page += 1) {
    const job = Buffer.from(JSON.stringify({ page, mime_type: type, picture: null }));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(job.length);
    const answer = execFileSync(process.env.PAGE, ["render-one-page"], { input: Buffer.concat([length, job, document]), maxBuffer: 1 << 28, env: {} });
    pages.push(JSON.parse(answer.subarray(4, 4 + answer.readUInt32LE(0))).page);
  }
  return pages.filter(Boolean);
}

/** All leaves below a value, by their JSON Pointers; `isLeaf` says what else is one. */
function leaves(value, path = "", isLeaf = () => false, found = new Map()) {
  if (value === null || typeof value !== "object" || isLeaf(value)) return found.set(path, value);
  for (const [key, inner] of Object.entries(value)) leaves(inner, `${path}/${key}`, isLeaf, found);
  return found;
}

const isAt = ({ page, boxes }, { page: of = 1, left, top, width, height }) =>
  page === of && boxes.some(([l, t, w, h]) => l < left + width && left < l + w && t < top + height && top < t + h);
const total = { values: 0, right: 0, later: 0, elsewhere: 0, none: 0 };
for (const name of readdirSync(join(DEMO, "evidence"))) {
  const [body, evidence] = [read(join(DEMO, name)), read(join(DEMO, "evidence", name))];
  const anchors = new Map([...leaves(evidence.sources ?? {}, "", (value) => value.source?.anchor)].filter(([, leaf]) => leaf?.source?.anchor).map(([path, leaf]) => [path, leaf.source.anchor]));
  for (const { path, page, box } of evidence.evidence ?? []) if (box) anchors.set(path, { ...box, page });
  const [document] = evidence.documents ?? [];
  const file = join(DEMO, "documents", document?.filename ?? "none");
  if (anchors.size === 0 || !existsSync(file)) continue;
  const index = new WordIndex();
  for (const page of pagesOf(file, document.mime_type)) index.add(page);
  // A scan has no text to search.
  if (index.words.length === 0) continue;
  const kinds = { number: "number", boolean: "yesno" };
  const values = leaves(body.snapshot?.output ?? body.snapshot ?? body.output ?? body);
  const fields = [...values].map(([path, value]) => ({ path, label: path.split("/").at(-1).replace(/_/g, " "), kind: kinds[typeof value] ?? "text", value }));
  const places = findPlaces(index, fields);
  const sum = { values: 0, right: 0, later: 0, elsewhere: 0, none: 0 };
  for (const [path, anchor] of anchors) {
    const value = values.get(path);
    if (value === null || value === undefined || value === "") continue;
    const of = places.get(path) ?? [];
    const key = of.length === 0 ? "none" : isAt(of[0], anchor) ? "right" : of.some((place) => isAt(place, anchor)) ? "later" : "elsewhere";
    sum.values += 1;
    sum[key] += 1;
    if (process.argv[2] && key !== "right") console.log(`  ${path} ${JSON.stringify(value)}: ${key} ${of[0]?.text ?? ""} ${of[0]?.match ?? ""}`);
  }
  for (const key of Object.keys(total)) total[key] += sum[key];
  console.log(name, JSON.stringify(sum));
}
console.log("all", JSON.stringify(total));
