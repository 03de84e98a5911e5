import fc from "fast-check";
import { expect, test } from "vitest";
import { memberTexts, valueText } from "../../../../api/integrations/epcis/capture/member-texts.ts";

const json = fc.jsonValue({ maxDepth: 3 });
const space = fc.constantFrom(0, 1, "\t", "\n ");

test("the members of a list are its texts, letter by letter", () => {
  fc.assert(
    fc.property(fc.array(json), json, space, (list, other, indent) => {
      const text = JSON.stringify({ other, body: { more: other, list } }, null, indent);
      const texts = memberTexts(text, ["body", "list"]);
      expect(texts.map((each) => JSON.parse(each) as unknown)).toEqual(JSON.parse(JSON.stringify(list)));
      for (const each of texts) expect(text).toContain(each);
      expect(JSON.parse(valueText(text, ["body", "more"])!)).toEqual(JSON.parse(JSON.stringify(other)));
    }),
  );
});

test("numbers stay as they were written, and of a name that is there twice the last counts", () => {
  const text = ' {"a": [1.10, 12345678901234567890], "a": [ {"b" : 1e2 } , "]", 2.50 ] } ';
  expect(memberTexts(text, ["a"])).toEqual(['{"b" : 1e2 }', '"]"', "2.50"]);
  expect(memberTexts(text, ["b"])).toEqual([]);
  expect(memberTexts(text, ["a", "b"])).toEqual([]);
  expect(valueText(text, ["c"])).toBeUndefined();
});
