import { afterAll, beforeAll, expect, test } from "vitest";
import { counts, type ImportApi, startImportApi } from "./import-api.ts";

let api: ImportApi;
beforeAll(async () => {
  api = await startImportApi();
});
afterAll(() => api?.close());

const nameOf = async (sku: string): Promise<unknown> =>
  ((await api.call(`GET /items?q=${encodeURIComponent(sku)}`)).body as unknown as { name: string }[])[0]?.name;

test("comma, semicolon and tab, UTF-8 with and without a mark, Latin-1 and UTF-16 are recognised, and the answer says so", async () => {
  const line = (delimiter: string, sku: string) =>
    ["sku", "name", "value_cents"].join(delimiter) + `\r\n${[sku, "Käse für Bär", "250"].join(delimiter)}\r\n`;
  const utf16 = (text: string) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, "utf16le")]);
  const cases: [string, string | Uint8Array, object][] = [
    ["A-1", line(",", "A-1"), { encoding: "utf-8", byte_order_mark: false, delimiter: "comma" }],
    ["A-2", `\uFEFF${line(";", "A-2")}`, { encoding: "utf-8", byte_order_mark: true, delimiter: "semicolon" }],
    ["A-3", Buffer.from(line(";", "A-3"), "latin1"), { encoding: "latin-1", delimiter: "semicolon" }],
    ["A-4", line("\t", "A-4"), { encoding: "utf-8", delimiter: "tab" }],
    ["A-5", utf16(line("\t", "A-5")), { encoding: "utf-16le", byte_order_mark: true, delimiter: "tab" }],
  ];
  for (const [sku, file, format] of cases) {
    const { status, body } = await api.send("items", file);
    expect([status, body.state, counts(body)], sku).toEqual([200, "done", [1, 1, 0, 0, 0]]);
    expect(body.format).toMatchObject({ type: "csv", columns: ["sku", "name", "value_cents"], ...format });
    expect(await nameOf(sku)).toBe("Käse für Bär");
  }
});

test("what Windows writes beside Latin-1 is read as Windows means it", async () => {
  const file = Buffer.concat([Buffer.from("sku,name\nEURO,5 "), Buffer.from([0x80]), Buffer.from("\n")]);
  expect((await api.send("items", file)).body).toMatchObject({ created: 1, format: { encoding: "latin-1" } });
  expect(await nameOf("EURO")).toBe("5 €");
});

test("a UTF-8 character that arrives in two pieces stays one", async () => {
  const rows = Array.from({ length: 3_000 }, (_, at) => `Ü-${at},Größe ${"ß".repeat(at % 7)}`);
  const { body } = await api.send("items", `sku,name\n${rows.join("\n")}\n`);
  expect(counts(body)).toEqual([3000, 3000, 0, 0, 0]);
  expect(body.format).toMatchObject({ encoding: "utf-8" });
  expect(await nameOf("Ü-2995")).toBe(`Größe ${"ß".repeat(2995 % 7)}`);
});

test("a decimal comma is a decimal point where commas do not part the cells, and what is ambiguous is refused", async () => {
  const german = await api.send("items", "sku;name;unit_weight_grams\nD-1;Nut;12,5\nD-2;Nut;1.250,5\n");
  expect(german.body).toMatchObject({ created: 1, refused: 1, format: { decimal_comma: true } });
  expect(german.body.errors).toEqual([
    { line: 3, column: "unit_weight_grams", message: expect.stringMatching(/1\.250,5.*separators/) },
  ]);
  const items = (await api.call("GET /items?q=D-1")).body as unknown as object[];
  expect(items).toMatchObject([{ unit_weight_grams: 12.5 }]);
  const english = await api.send("items", 'sku,name,unit_weight_grams\nD-3,Nut,"1,250"\n');
  expect(english.body.errors).toMatchObject([{ line: 2, column: "unit_weight_grams" }]);
});

test("a bad row is reported by line and column, and the rest is imported", async () => {
  const file = [
    "sku,name,gtin,value_cents",
    "B-1,Bolt,,100",
    'B-2,"two',
    'lines",,x',
    "",
    "B-3,Bolt,4006381333932,1",
    ",No SKU,,1",
    "B-4,Bolt",
    'B-5,a "quoted" word, "" ,1',
    "B-6,,,1",
    "B-7,Fine,4006381333931,-3",
    "B-8,Fine,4006381333931,3",
  ].join("\n");
  const { body } = await api.send("items", file);
  expect(counts(body)).toEqual([9, 3, 0, 0, 6]);
  expect(body.errors.map(({ line, column }) => [line, column])).toEqual([
    [3, "value_cents"],
    [6, "gtin"],
    [7, "sku"],
    [8, null],
    [10, "name"],
    [11, "value_cents"],
  ]);
  expect(body.errors.find(({ line }) => line === 6)?.message).toMatch(/check digit/);
  expect(body.errors.find(({ line }) => line === 10)?.message).toBe("a value is needed");
  expect(await nameOf("B-8")).toBe("Fine");
  const errors = await api.call(`GET /imports/${body.id}`);
  expect(errors.body["errors"]).toEqual(body.errors);
});

test("a file without known columns is refused as a whole, in the sender's words", async () => {
  const unknown = await api.send("items", "sku;name;colour\nC-1;Bolt;red\n");
  expect([unknown.status, unknown.body.errors]).toEqual([
    400,
    [{ pointer: "/colour", message: 'unknown column "colour"' }],
  ]);
  const twice = await api.send("items", "sku,name,sku\nC-1,Bolt,C-2\n");
  expect([twice.status, twice.body.detail]).toEqual([
    400,
    expect.stringMatching(/^line 1: the column sku stands here twice/),
  ]);
  expect((await api.send("items", "")).status).toBe(400);
  expect((await api.send("items", "sku,name\n", { type: "image/png" })).status).toBe(415);
  expect((await api.send("items", "sku,name\n")).body).toMatchObject({ state: "done", rows: 0 });
});

test("a quote that is never closed is told with its line, and what stood before it is imported", async () => {
  const { body } = await api.send("items", `sku,name\nQ-1,Bolt\nQ-2,"open\n${"more,text\n".repeat(20)}`);
  expect(body).toMatchObject({ state: "done", created: 1 });
  expect(body.errors).toMatchObject([{ line: 3, column: null, message: expect.stringMatching(/quote/) }]);
});

test("where an open quote swallows too much, the import ends there and says so; the rows before it are written", async () => {
  const rows = "X,more text in this line\n".repeat(12_000);
  const { body } = await api.send("items", `sku,name\nO-1,Bolt\nO-2,"open\n${rows}`);
  const { id } = body;
  await expect.poll(async () => (await api.call(`GET /imports/${id}`)).body["state"]).toBe("failed");
  expect((await api.call(`GET /imports/${id}`)).body).toMatchObject({
    ...{ created: 1, rows: 1, problem: expect.stringMatching(/^line 3: a quote is opened .* not read$/) },
  });
});

test("what cannot be stored is refused in the row where it stands, also where the message quotes it", async () => {
  const { body } = await api.send("items", "sku,name,value_cents\nN-1,a\0b,1\nN-2,Bolt,1\0\nN-3,Bolt,1\n");
  expect(body).toMatchObject({ state: "done", created: 1, refused: 2 });
  expect(body.errors).toMatchObject([
    { line: 2, column: "name", message: expect.stringMatching(/U\+0000/) },
    { line: 3, column: "value_cents", message: '"1\uFFFD" is no number' },
  ]);
  const lines = await api.send("items", '{"sku": "N-4", "name": "\0"}\n', { type: "application/x-ndjson" });
  expect(lines.body).toMatchObject({ state: "done", refused: 1, errors: [{ line: 1 }] });
  const array = await api.send("items", "[\0]", { type: "application/json" });
  expect(array).toMatchObject({ status: 400, body: { detail: expect.stringMatching(/not JSON/) } });
});

test("JSON comes as an array or as lines, with the fields of the API", async () => {
  const rows = [
    { sku: "J-1", name: "Jar", packs: [{ unit: "tray", quantity: 6 }] },
    { sku: "J-2", name: 7 },
    "no object",
  ];
  const array = await api.send("items", JSON.stringify(rows), { type: "application/json" });
  expect(counts(array.body)).toEqual([3, 1, 0, 0, 2]);
  expect(array.body.errors.map(({ line, column }) => [line, column])).toEqual([
    [2, "name"],
    [3, null],
  ]);
  const lines = `${JSON.stringify(rows[0])}\n\n{"sku": "J-3", \n{"sku": "J-4", "name": "Jar", "barcode": null}`;
  const { body } = await api.send("items", lines, { type: "application/x-ndjson" });
  expect(counts(body)).toEqual([3, 1, 0, 1, 1]);
  expect(body.errors).toMatchObject([{ line: 3, column: null, message: expect.stringMatching(/not JSON/) }]);
  const object = await api.send("items", '{"sku": "J-5"}', { type: "application/json" });
  expect(object).toMatchObject({ status: 400, body: { detail: "a JSON array of rows is expected" } });
});
