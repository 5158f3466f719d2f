// What the pane that the server drew says: its documents, its first picture, the marks that came with the review. And how words are fetched.

import { reasonOf } from "./failures.js";

/** The documents of the pane. */
export const documentsOf = (root) =>
  [...root.querySelectorAll(".viewer-tools [data-document]")].map(({ dataset }) => ({ id: dataset.document, filename: dataset.name, mime_type: dataset.type }));

/** Fetches the words of pages below `base`. */
export const fetcher = (base) => async (document, page) => {
  const answer = await fetch(`${base}/${encodeURIComponent(document)}/pages/${page}/words`, { headers: { Accept: "application/json" } });
  const body = await answer.json().catch(() => null);
  if (!answer.ok || !body) throw Object.assign(new Error(`words: ${answer.status}`), { status: answer.status, reason: reasonOf(body) });
  return body;
};

/** Where fields stand by what came with the review: `Map(path → places)`. */
export function givenOf(root) {
  const given = new Map();
  let marks = [];
  try { marks = JSON.parse(root.querySelector("script[data-marks]")?.textContent ?? "[]"); } catch { /* Then they are searched. */ }
  for (const [path, document, page, box] of marks) given.set(path, [...(given.get(path) ?? []), { document, page, boxes: [box] }]);
  return given;
}

/** The picture that the server's page shows; none once the pane is taken over. */
export function thereOf(pane) {
  const image = pane.querySelector(".sheet > img");
  const width = Number(/[?&]width=(\d+)/.exec(image?.getAttribute("src") ?? "")?.[1]);
  return width > 0 ? { page: Number(image.parentElement.dataset.sheet), width } : null;
}

/** Whether a document is text, which has no pictures. */
export const isText = (type) => type.startsWith("text/") || type === "application/json";

/** Anchors of the wire as places: boxes 0 to 1 on a page; those without a box are none. */
export function anchorsOf(anchors, first) {
  const boxes = (anchors ?? []).filter(({ left, top, width, height }) => [left, top, width, height].every(Number.isFinite));
  return boxes.length > 0 ? boxes.map(({ document_id: document, page, left, top, width, height }) => ({ document: document ?? first, page: page ?? 1, boxes: [[left, top, width, height]] })) : null;
}
