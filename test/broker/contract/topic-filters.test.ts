import fc from "fast-check";
import { expect, test } from "vitest";
import { topicFilterProblem } from "../../../broker/contract/topic-filters.ts";
import { isValidFilter, isValidText } from "../../../broker/mqtt/utf8-rules.ts";

test.for([
  "#",
  "+",
  "/",
  "a",
  "a/#",
  "+/a/+",
  "devices/+/gps",
  "/finance",
  "sport/+/player1/#",
  "a//b",
  "ü/€/漢",
  "a b",
])("%s is a filter", (filter) => expect(topicFilterProblem(filter)).toBeUndefined());

test.for([
  ["", "4.7.3-1"],
  ["a#", "4.7.1-2"],
  ["a/#/b", "4.7.1-2"],
  ["#/a", "4.7.1-2"],
  ["a+", "4.7.1-3"],
  ["+a/b", "4.7.1-3"],
  ["++", "4.7.1-3"],
  ["a\u0000b", "4.7.3-2"],
  ["a\u001f", "1.5.3"],
  ["\ud800", "1.5.3"],
  ["\uffff", "1.5.3"],
  ["x".repeat(65_536), "4.7.3-3"],
  ["1/2/3/4/5/6/7/8/9/10/11", "10 levels"],
  ["$SYS/#", "nobody"],
  ["$share/g/a", "nobody"],
])("%j is refused with its clause", ([filter, clause]) => expect(topicFilterProblem(filter!)).toContain(clause));

test("what the broker's packet rules refuse is refused here", () => {
  const piece = fc.constantFrom("#", "+", "/", "a", "\u0000", "\u0085", "\ufdd0", "é", "😀");
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 8 }), (pieces) => {
      const filter = pieces.join("");
      const bytes = Buffer.from(filter);
      const isValid = isValidText(bytes, 0, bytes.length) && isValidFilter(bytes, 0, bytes.length);
      expect(topicFilterProblem(filter) === undefined).toBe(isValid);
    }),
    { numRuns: 2000 },
  );
});
