import { expect, test } from "vitest";
import { payloadText } from "../../../api/dashboard/administration/quarantine/payload.ts";

const base64 = (content: string | Uint8Array): string => Buffer.from(content).toString("base64");

test("a payload is shown as JSON in lines, as text, or in hexadecimal, and its beginning when it is long", () => {
  expect(payloadText(base64('{"grams":2,"unit":"ß"}'))).toEqual({
    text: '{\n  "grams": 2,\n  "unit": "ß"\n}',
    form: "JSON",
    bytes: 23,
    isCut: false,
  });
  expect(payloadText(base64("ST,GS,+  12.345kg\r\n"))).toMatchObject({ form: "text", text: "ST,GS,+  12.345kg\r\n" });
  expect(payloadText(base64(Uint8Array.of(0, 255, 16)))).toMatchObject({ form: "bytes", text: "00 ff 10" });
  // UTF-8 with a control character is not text that can be read.
  expect(payloadText(base64("a\u0000b"))).toMatchObject({ form: "bytes", text: "61 00 62" });
  expect(payloadText("")).toMatchObject({ form: "text", text: "", bytes: 0 });
  const lines = payloadText(base64(new Uint8Array(20))).text.split("\n");
  expect(lines.map((line) => line.length)).toEqual([47, 11]);
  const long = payloadText(base64("x".repeat(5000)));
  expect(long).toMatchObject({ bytes: 5000, isCut: true });
  expect(long.text).toHaveLength(4096);
  expect(payloadText(base64(new Uint8Array(5000).fill(255)))).toMatchObject({ form: "bytes", isCut: true });
});
