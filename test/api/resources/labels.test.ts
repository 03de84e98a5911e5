import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findBarcodeReader, scan } from "../../support/barcode-reader.ts";
import { startApi, type TestApi } from "../support.ts";

let api: TestApi;
let manager: Awaited<ReturnType<TestApi["as"]>>;
let token: string;
beforeAll(async () => {
  api = await startApi();
  manager = await api.as("manager");
  token = await api.tokenOf("viewer");
});
afterAll(() => api?.close());

const made = async (path: string, body: object): Promise<number> => {
  const answer = await manager(`POST ${path}`, body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body["id"] as number;
};

const fetched = (path: string) => api.app.request(path, { headers: { Authorization: `Bearer ${token}` } });
const labelOf = async (path: string): Promise<string> => (await fetched(`${path}/label`)).text();

/** What the search answers first. */
async function firstHit(q: string): Promise<unknown> {
  const { body } = await manager(`GET /search?q=${encodeURIComponent(q)}`);
  const [first] = body as unknown as { kind: string; id: number }[];
  return first && { kind: first.kind, id: first.id };
}

const reader = findBarcodeReader();

describe.skipIf(reader === undefined)(
  "what an independent scanner reads from a label finds what it is stuck on",
  () => {
    test.each(["svg", "zpl", "zpl&dpi=300", "pdf"])("printed as %s", async (format) => {
      const n = format.replaceAll(/\W/g, "-");
      const hall = await made("/locations", { name: `Hall ${n}` });
      const rack = await made("/locations", { name: `Rack ${n}`, parent_id: hall, barcode: `A-01-${n}` });
      const plain = await made("/items", { sku: `BOLT_${n}`, name: "Bolt" });
      const known = await made("/items", { sku: `own-${n}`, name: "Nut", barcode: `40 12 ${n}` });
      const things = [
        { kind: "location", id: hall, codes: [`LOC-${hall}`] },
        { kind: "location", id: rack, codes: [`A-01-${n}`] },
        { kind: "item", id: plain, codes: [`BOLT_${n}`] },
        { kind: "item", id: known, codes: [`40 12 ${n}`] },
      ];
      if (format === "pdf") {
        const gtin = await made("/items", { sku: "carton", name: "Carton", gtin: "9506000134352" });
        things.push({ kind: "item", id: gtin, codes: ["0109506000134352", "https://id.gs1.org/01/09506000134352"] });
      }
      for (const { kind, id, codes } of things) {
        const response = await fetched(`/${kind}s/${id}/label?format=${format}`);
        expect(response.status).toBe(200);
        const bytes = new Uint8Array(await response.arrayBuffer());
        // Bars and QR code are two symbols.
        const read = await scan(format.slice(0, 3) as "svg", bytes, reader!);
        expect(read).toHaveLength(2);
        expect(new Set(read)).toEqual(new Set(codes));
        for (const code of codes) expect(await firstHit(code), code).toEqual({ kind, id });
      }
    });
  },
);

test("the text on a label is what a person reads: name, the places around it, the code, whatever their letters", async () => {
  const outer = await made("/locations", { name: "Gdańsk & Söhne <Lager>" });
  const inner = await made("/locations", { name: "倉庫 \u0007 3", parent_id: outer });
  const svg = await labelOf(`/locations/${inner}`);
  expect(svg).toContain(">倉庫   3</text>");
  expect(svg).toContain(">Gdańsk &amp; Söhne &lt;Lager&gt;</text>");
  expect(svg).toContain(`>LOC-${inner}</text>`);
  const zpl = await (await fetched(`/locations/${inner}/label?format=zpl`)).text();
  expect(zpl).toMatch(/^\^XA\n\^CI28\n/);
  const tricky = await made("/items", { sku: "A^FD_~X", name: "^XZ" });
  const label = await (await fetched(`/items/${tricky}/label?format=zpl`)).text();
  expect(label.match(/\^XZ/g)).toHaveLength(1);
  expect(label).toContain("^FDA_5EFD_5F_7EX^FS");
});

test("a code that is too long for bars, or not ASCII, is in the QR code only, and a long name is cut", async () => {
  for (const sku of ["9".repeat(128), "Größe-42"]) {
    const id = await made("/items", { sku, name: "N".repeat(255) });
    const svg = await labelOf(`/items/${id}`);
    const heights = new Set(Array.from(svg.matchAll(/M\d+ \d+h\d+v(\d+)h/g), ([, height]) => Number(height)));
    expect(heights.size).toBe(1);
    expect(svg).toMatch(/>N+…</);
  }
});

test("a location's barcode is its own, and not what another label says", async () => {
  const first = await made("/locations", { name: "one", barcode: "B-1" });
  expect((await manager("POST /locations", { name: "two", barcode: "B-1" })).status).toBe(409);
  expect(await manager("POST /locations", { name: "two", barcode: `loc-${first}` })).toMatchObject({
    status: 400,
    body: { errors: [{ pointer: "/barcode" }] },
  });
  expect((await manager(`PUT /locations/${first}`, { barcode: `LOC-${first}` })).status).toBe(200);
  expect((await manager(`PUT /locations/${first}`, { barcode: null })).status).toBe(200);
  expect(await firstHit(`LOC-${first}`)).toEqual({ kind: "location", id: first });
  const listed = (await manager(`GET /locations?q=loc-${first}`)).body as unknown as { id: number }[];
  expect(listed.map(({ id }) => id)).toEqual([first]);
});

test("there is no label of what is not there, and no format but the three", async () => {
  expect((await fetched("/locations/999999/label")).status).toBe(404);
  expect((await fetched("/items/999999/label?format=pdf")).status).toBe(404);
  const id = await made("/items", { sku: "format", name: "x" });
  expect((await fetched(`/items/${id}/label?format=png`)).status).toBe(400);
});
