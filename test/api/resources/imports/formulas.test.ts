import fc from "fast-check";
import "../../../support/property-seed.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { csvLines } from "../../../../api/tables/csv-text.ts";
import { guardFormula, unguardFormula } from "../../../../api/tables/formula-guard.ts";
import { readCsv } from "../../../../api/tables/read-csv.ts";
import type { TextFormat } from "../../../../api/tables/text-format.ts";
import { counts, type ImportApi, startImportApi } from "./import-api.ts";

let api: ImportApi;
beforeAll(async () => {
  api = await startImportApi();
});
afterAll(() => api?.close());

const FORMULAS = [
  "=1+1",
  "+cmd|' /C calc'!A0",
  "-2+3",
  "@SUM(A1)",
  "\t=1",
  "\r=1",
  "＝1+1",
  "'=1",
  "''@x",
  "=",
  "-",
  "\\N",
  "'\\N",
  " \\N",
];
const HARMLESS = ["-3", "+4.5", "-1,5", "a=b", "'tis", "3", "", " =1"];

test("text that a spreadsheet would run is marked as text, a number stays a number, and reading takes the mark off", () => {
  for (const text of FORMULAS) {
    expect(guardFormula(text)).toBe(`'${text}`);
    expect(unguardFormula(guardFormula(text))).toBe(text);
  }
  for (const text of HARMLESS) expect(guardFormula(text)).toBe(text);
});

test("any text comes back as it was", async () => {
  const cell = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.string({ unit: fc.constantFrom("'", "=", "-", "+", "@", '"', ";", ",", "1", "\t", "\n", " ", "x") }),
  );
  const isCell = (text: string) => text.trim() !== "" && !/[\r\n]$|^\s|\s$/.test(text);
  await fc.assert(
    fc.asyncProperty(fc.array(cell.filter(isCell), { minLength: 1, maxLength: 20 }), async (texts) => {
      const file = Buffer.from(csvLines([["text"], ...texts.map((text) => [text])])).toString("utf8");
      const format: TextFormat = { type: "csv", encoding: "utf-8", byte_order_mark: false, delimiter: "comma" };
      const read: unknown[] = [];
      for await (const row of readCsv([file], { ...format, columns: ["text"] }, { text: "text" }))
        read.push("fields" in row ? row.fields["text"] : row.problems);
      expect(read).toEqual(texts);
    }),
  );
});

test("an export holds no formula, and imported again it changes nothing", async () => {
  for (const [at, name] of FORMULAS.entries()) {
    const added = await api.call("POST /items", { sku: `=S-${at}`, name: name.trim(), barcode: name });
    expect(added.status).toBe(201);
  }
  await api.call("POST /items", { sku: "-3", name: "Minus three", barcode: "-3" });
  const file = await api.exported("items");
  expect(file).toContain("\r\n-3,Minus three,,-3,");
  for (const cells of file.split("\r\n").map((line) => line.split(",")))
    for (const each of cells) expect(each).not.toMatch(/^"?(?:[=@＝]|[+-](?!\d+(?:[.,]\d+)?$))/);
  const rows = FORMULAS.length + 1;
  expect(counts((await api.send("items", file)).body)).toEqual([rows, 0, 0, rows, 0]);
});

test("a message about a row is no formula either", async () => {
  const { body } = await api.send("stock", "sku,location\n=HYPERLINK(1),Hall\n");
  const token = await api.tokenOf("admin");
  const answer = await api.app.request(`/imports/${body.id}/errors.csv`, {
    headers: { Authorization: `Bearer ${token}` },
  });
  expect([answer.headers.get("content-disposition"), await answer.text()]).toEqual([
    `attachment; filename="import-${body.id}-errors.csv"`,
    'line,column,message\r\n2,sku,"there is no item ""=HYPERLINK(1)"""\r\n2,location,"there is no location ""Hall"""\r\n',
  ]);
});
