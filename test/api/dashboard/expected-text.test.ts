import { expect, it } from "vitest";
import { expectedText } from "../../../api/dashboard/labels/eta.ts";

const NOW = Date.parse("2026-11-21T12:00:00Z");

it.each([
  ["2026-11-21T14:20:00Z", "expected 14:20"],
  ["2026-11-24T08:00:00Z", "expected 24 Nov, 08:00"],
  ["2026-11-21T11:15:00Z", "expected 45 min ago"],
  ["2026-11-21T00:00:00Z", "expected 12 h ago"],
  ["2026-11-20T11:00:00Z", "expected 1 day ago"],
  ["2026-11-18T11:00:00Z", "expected 3 days ago"],
])("goods expected at %s are %s", (iso, text) => {
  expect(expectedText(iso, NOW, "utc")).toBe(text);
});
