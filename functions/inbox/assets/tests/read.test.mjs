// What was confirmed as read.
import assert from "node:assert/strict";
import { test } from "node:test";
import { heldBy, stillRead } from "../desk/checks.js";

test("what was confirmed is not confirmed of another value", () => {
  const held = { "f-1": "12.50", "f-2": "new" };
  const read = stillRead([["f-1", "12.50"], ["f-2", "old"], ["f-3", "gone"], "f-1"], (id) => held[id] ?? "");
  assert.deepEqual([...read], ["f-1"]);
  assert.equal(heldBy({ defaultValue: "a", value: "typed" }), "a");
  assert.equal(heldBy({ options: [{ value: "x" }, { value: "y", defaultSelected: true }] }), "y");
  assert.equal(heldBy(null), "");
});
