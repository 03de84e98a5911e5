import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { withCheckDigit } from "../../../ingest/domain/gs1/check-digit.ts";
import { findBarcodeReader, scan } from "../../support/barcode-reader.ts";
import { requires } from "../../support/requires.ts";
import { startApi, type TestApi } from "../support.ts";

type Body = Record<string, unknown>;
type Call = Awaited<ReturnType<TestApi["as"]>>;

let api: TestApi;
/** of an installation without a company prefix, on the same database */
let plain: TestApi;
let manager: Call;
let tokens: Record<"operator" | "viewer", string>;
beforeAll(async () => {
  api = await startApi({ gs1CompanyPrefix: "4012345" });
  plain = await startApi({}, { beside: api });
  manager = await api.as("manager");
  tokens = { operator: await api.tokenOf("operator"), viewer: await api.tokenOf("viewer") };
});
afterAll(async () => {
  await plain?.close();
  await api?.close();
});

async function made(path: string, body: object): Promise<Body> {
  const answer = await manager(`POST ${path}`, body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body;
}

const fetched = (path: string, role: keyof typeof tokens = "operator", of = api) =>
  of.app.request(path, { headers: { Authorization: `Bearer ${tokens[role]}` } });
const bytesOf = async (response: Response) => new Uint8Array(await response.arrayBuffer());

async function shipment(): Promise<{ path: string; number: string; unit: Body }> {
  const tea = await made("/items", { sku: `tea-${Math.random()}`, name: "Grüner Tee", unit_weight_grams: 250 });
  const body = await made("/shipments", {
    location: "storage",
    reference: "PO-4711",
    lines: [
      { item_id: tea["id"], quantity: 12 },
      { item_id: tea["id"], product_name: "Żurek & co", quantity: 8 },
    ],
  });
  const path = `/shipments/${String(body["id"])}`;
  const sscc = String(body["id"]).padStart(17, "3952110");
  const unit = await made(`${path}/handling-units`, {
    sscc: withCheckDigit(sscc),
    contents: [{ item_id: tea["id"], quantity: 12, lot: "L7" }],
  });
  return { path, number: String(body["tracking_number"]), unit };
}

const reader = findBarcodeReader();

describe.skipIf(reader === undefined)("an independent scanner reads from a label", () => {
  test.each(["svg", "zpl", "zpl&dpi=300", "pdf"])(
    "printed as %s the SSCC, and a link that opens the tracking page",
    async (format) => {
      const { path, number, unit } = await shipment();
      for (const [of, sscc] of [
        ["", number],
        [`&unit_id=${String(unit["id"])}`, String(unit["sscc"])],
      ] as const) {
        const label = await fetched(`${path}/label?format=${format}${of}`);
        expect(label.status).toBe(200);
        const read = await scan(format.slice(0, 3) as "svg", await bytesOf(label), reader!);
        expect(read).toHaveLength(2);
        const [bars, link] = read as [string, string];
        expect(bars).toBe(`00${sscc}`);
        expect(link).toMatch(new RegExp(String.raw`^http://waystock\.test/00/${sscc}\?t=[\w-]{22}$`));
        const { pathname, search } = new URL(link);
        const opened = await api.app.request(pathname + search);
        expect(opened.status).toBe(303);
        const page = await api.app.request(new URL(opened.headers.get("Location")!, link).pathname);
        expect(page.status).toBe(200);
        expect(await page.text()).toContain(number);
        // What the scanner read finds the shipment.
        for (const code of read) {
          const [first] = (await manager(`GET /search?q=${encodeURIComponent(code)}`)).body as unknown as Body[];
          expect(first, code).toMatchObject({ kind: "shipment", detail: expect.stringContaining(number) as string });
          const listed = (await manager(`GET /shipments?q=${encodeURIComponent(code)}`)).body as unknown as Body[];
          expect(listed.map((row) => row["tracking_number"])).toEqual([number]);
        }
      }
    },
  );

  test("without a company prefix our own number, and the address of the page", async () => {
    const { body } = await (
      await plain.as("admin")
    )("POST /shipments", { product_name: "Bolts", quantity: 1, location: "storage" });
    const number = String(body["tracking_number"]);
    const label = await fetched(`/shipments/${String(body["id"])}/label`, "operator", plain);
    const read = await scan("svg", await bytesOf(label), reader!);
    expect(read).toEqual([number, expect.stringMatching(new RegExp(String.raw`/track/[\w-]{22}\?number=${number}$`))]);
    const { pathname, search } = new URL(read.find((each) => each.startsWith("http"))!);
    expect((await plain.app.request(pathname + search)).status).toBe(200);
  });
});

const linkOf = async (path: string, role: keyof typeof tokens): Promise<string> => {
  const read = await scan("svg", await bytesOf(await fetched(`${path}/label`, role)), reader!);
  return read.find((each) => each.startsWith("http"))!;
};

describe.skipIf(reader === undefined)("the link of a label", () => {
  test("is the same on each print, kept sealed, until it is revoked; then the old one shows nothing", async () => {
    const { path } = await shipment();
    const [first, second] = await Promise.all([linkOf(path, "operator"), linkOf(path, "operator")]);
    expect(second).toBe(first);
    const links = (await manager(`GET ${path}/tracking-links`)).body as unknown as Body[];
    expect(links).toMatchObject([{ is_label: true, expires_at: null }]);
    const token = new URL(first).searchParams.get("t")!;
    const { rows } = await api.db.pool.query("SELECT token, sealed_token FROM label_tokens");
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) expect(row).toEqual({ token: null, sealed_token: expect.any(Buffer) as Buffer });
    await manager(`DELETE ${path}/tracking-links/${String(links[0]!["id"])}`);
    expect((await api.app.request(`/track/${token}`)).status).toBe(404);
    const third = await linkOf(path, "operator");
    expect(third).not.toBe(first);
    expect((await api.app.request(`/track/${new URL(third).searchParams.get("t")!}`)).status).toBe(200);
  });

  test("is only on labels that those print who handle shipments", async () => {
    const { path, number } = await shipment();
    expect(await linkOf(path, "viewer")).toBe(`http://waystock.test/00/${number}`);
    expect((await manager(`GET ${path}/tracking-links`)).body).toEqual([]);
  });
});

test("a label of a unit that the shipment does not have, or of no shipment, is a 404", async () => {
  const { path } = await shipment();
  expect((await fetched(`${path}/label?unit_id=987654`)).status).toBe(404);
  expect((await fetched("/shipments/987654/label")).status).toBe(404);
  expect((await fetched("/shipments/987654/delivery-note")).status).toBe(404);
  expect((await fetched("/shipments/987654/delivery-note?format=pdf")).status).toBe(404);
  expect((await fetched("/shipments/987654/delivery-note?format=svg")).status).toBe(400);
});

const pdftotext = requires("pdftotext");

describe.skipIf(pdftotext === undefined)("a delivery note", () => {
  async function textOf(path: string): Promise<string> {
    const response = await fetched(`${path}/delivery-note`, "viewer");
    expect([response.status, response.headers.get("Content-Type")]).toEqual([200, "application/pdf"]);
    const folder = await mkdtemp(join(tmpdir(), "waystock-note-"));
    try {
      await writeFile(join(folder, "note.pdf"), await bytesOf(response));
      return (await promisify(execFile)(pdftotext!, ["-layout", join(folder, "note.pdf"), "-"])).stdout;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  test("names the goods, the units with their SSCC, lots and weight, and has a field to sign", async () => {
    const { path, number, unit } = await shipment();
    const text = await textOf(path);
    const words = ["Delivery note", number, "PO-4711", "Grüner Tee", "Żurek & co", "12 pcs", "8 pcs", "L7"];
    for (const word of [...words, "5 kg", String(unit["sscc"]), "Signature", "page 1/1"]) expect(text).toContain(word);
  });

  test("is in the language of the party that it goes to, on as many pages as it needs", async () => {
    const customer = await made("/parties", {
      ...{ name: "Krämer GmbH", roles: ["customer"], language: "de", address: "Hauptstraße 1, Landshut" },
    });
    const item = await made("/items", { sku: `note-${Math.random()}`, name: "Seife" });
    const order = await made("/orders", {
      ...{ kind: "customer", customer_id: customer["id"], lines: [{ item_id: item["id"], quantity: 1 }] },
    });
    const { id } = await made("/shipments", {
      location: "storage",
      order_id: order["id"],
      lines: Array.from({ length: 120 }, (_, at) => ({ product_name: `Ware ${at + 1} mit langem Namen`, quantity: 1 })),
    });
    const text = await textOf(`/shipments/${String(id)}`);
    for (const word of ["Lieferschein", "Krämer GmbH", "Hauptstraße 1", "Ware 1 ", "Ware 120 ", "Unterschrift"])
      expect(text).toContain(word);
    const pages = Number(/Seite 1\/(\d+)/.exec(text)?.[1]);
    expect(pages).toBeGreaterThan(2);
    expect(text).toContain(`Seite ${pages}/${pages}`);
  });
});
