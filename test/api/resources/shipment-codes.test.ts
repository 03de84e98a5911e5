import fc from "fast-check";
import { describe, expect } from "vitest";
import { withCheckDigit } from "../../../ingest/domain/gs1/check-digit.ts";
import { ssccIn } from "../../../ingest/domain/gs1/sscc.ts";
import { trackingNumberIn } from "../../../ingest/domain/shipment/tracking-number.ts";
import { ingestApiTest } from "../../support/ingest-test.ts";
import { startApi } from "../support.ts";

const PREFIX = "4012345";

/** With the API of an installation that has a company prefix. */
const test = ingestApiTest.extend("own", { scope: "file" }, async ({ api }, { onCleanup }) => {
  const prefixed = await startApi({ gs1CompanyPrefix: PREFIX }, { beside: api });
  onCleanup(() => prefixed.close());
  return prefixed.as("operator");
});

type Row = Record<string, unknown>;
const spellings = (sscc: string): string[] => [
  sscc,
  `00${sscc}`,
  `(00)${sscc}`,
  `(00) ${sscc.slice(0, 1)} ${sscc.slice(1, 8)} ${sscc.slice(8, 17)} ${sscc.slice(17)}`,
  `]C100${sscc}`,
  `https://id.gs1.org/00/${sscc}`,
  `https://waystock.test/00/${sscc}?t=AAAAAAAAAAAAAAAAAAAAAA`,
  `http://127.0.0.1:8080/base/00/${sscc}?utm=x&t=abc`,
  `urn:epc:id:sscc:${PREFIX}.${sscc[0]}${sscc.slice(8, 17)}`,
];

describe("an SSCC in any spelling", () => {
  test("is read as the same 18 digits", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\d{17}$/), fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 7), (body, spelling) => {
        const sscc = withCheckDigit(body);
        expect(ssccIn(spellings(sscc)[spelling]!)).toBe(sscc);
        expect(trackingNumberIn(spellings(sscc)[spelling]!)).toBe(sscc);
        const wrong = sscc.slice(0, 17) + String((Number(sscc[17]) + 1) % 10);
        expect(ssccIn(spellings(wrong)[spelling]!)).toBeUndefined();
      }),
    );
  });

  test("finds its shipment and its unit, in the search and in the list", async ({ own, world, n }) => {
    const place = await world.location(`dock ${n}`, "storage");
    const { body } = await own("POST /shipments", { product_name: `Bolts ${n}`, quantity: 1, location: place });
    const number = String(body["tracking_number"]);
    expect(number).toMatch(new RegExp(String.raw`^\d${PREFIX}\d{10}$`));
    expect(withCheckDigit(number.slice(0, 17))).toBe(number);
    const foreign = withCheckDigit(`3952110${String(n).padStart(10, "0")}`);
    await own(`POST /shipments/${String(body["id"])}/handling-units`, { sscc: foreign });
    for (const q of [...spellings(number), ...spellings(foreign).slice(0, 8)]) {
      const listed = (await own(`GET /shipments?q=${encodeURIComponent(q)}`)).body as unknown as Row[];
      expect(
        listed.map(({ id }) => id),
        q,
      ).toEqual([body["id"]]);
      const hits = (await own(`GET /search?q=${encodeURIComponent(q)}`)).body as unknown as Row[];
      expect(hits, q).toContainEqual(expect.objectContaining({ kind: "shipment", id: body["id"], match: "exact" }));
    }
  });
});

test.for([
  ["WS00000000124", undefined],
  ["ws 0000000123-6", "WS00000001236"],
  ["https://waystock.test/track/AAAAAAAAAAAAAAAAAAAAAA?number=WS00000001236", "WS00000001236"],
  ["https://waystock.test/track/AAAAAAAAAAAAAAAAAAAAAA", undefined],
  ["https://elsewhere.test/?number=WS00000001236", undefined],
  ["WS00000001237", undefined],
  ["PO-4711", undefined],
  ["", undefined],
] as const)("%s means the tracking number %s", ([text, number]) => {
  expect(trackingNumberIn(text)).toBe(number);
});

test("numbers are never given twice, pass over those that others have used, and end with a clear problem", async ({
  own,
  api,
  world,
  n,
}) => {
  const place = await world.location(`dock ${n}`, "storage");
  const create = () => own("POST /shipments", { product_name: "x", quantity: 1, location: place });
  const first = (await create()).body;
  const next = withCheckDigit(String(BigInt(String(first["tracking_number"]).slice(0, 17)) + 1n).padStart(17, "0"));
  await own(`POST /shipments/${String(first["id"])}/handling-units`, { sscc: next });
  const second = (await create()).body;
  expect(BigInt(String(second["tracking_number"]).slice(0, 17))).toBe(BigInt(next.slice(0, 17)) + 1n);

  const { rows } = await api.db.pool.query<{ at: string }>("SELECT last_value AS at FROM tracking_numbers");
  await api.db.pool.query("SELECT setval('tracking_numbers', 9999999999)");
  const { status, body } = await create();
  expect(status).toBe(409);
  expect(body["detail"]).toContain(`no SSCC is left under the company prefix ${PREFIX}`);
  await api.db.pool.query("SELECT setval('tracking_numbers', $1)", [rows[0]!.at]);
  expect((await create()).status).toBe(201);
});

test("a tag with the SSCC, and a scan of any spelling of it, find the shipment without set-up", async ({
  own,
  rig,
  world,
  n,
}) => {
  const plant = await world.location(`plant ${n}`, "production");
  const store = await world.location(`store ${n}`, "storage");
  await world.device(`reader-${n}`, "rfid", { location_id: store, antennas: {} });
  await world.device(`scanner-${n}`, "scan", { location_id: store });
  const T = Date.parse("2026-03-01T08:00:00Z");
  const create = async () =>
    (
      await own("POST /shipments", {
        ...{ product_name: "x", quantity: 1, location: plant, at: new Date(T).toISOString() },
      })
    ).body;
  const placeOf = async (id: unknown) => (await own(`GET /shipments/${String(id)}`)).body["location_id"];

  const tagged = await create();
  const number = String(tagged["tracking_number"]);
  const uri = `urn:epc:id:sscc:${PREFIX}.${number[0]}${number.slice(8, 17)}`;
  const { body: epc } = await own(`GET /epc/${encodeURIComponent(uri)}?filter=0`);
  const hex = String(epc["hex"]);
  expect(hex).toMatch(/^31[\dA-F]{22}$/);
  const reads = Array.from({ length: 20 }, (_, i) => ({ ts: T + 60_000 + i * 500, epc: hex, antenna: 1, rssi: -50 }));
  await rig.publish(`devices/reader-${n}/rfid`, reads);
  await rig.settled();
  expect(await placeOf(tagged["id"])).toBe(store);

  for (const at of spellings(number).keys()) {
    const each = await create();
    const code = spellings(String(each["tracking_number"]))[at]!;
    // Printed with spaces it is for people; scanners send it without.
    await rig.publish(`devices/scanner-${n}/scan`, { ts: T + 120_000 + at, code: code.replaceAll(" ", "") });
    await rig.settled();
    expect(await placeOf(each["id"]), code).toBe(store);
  }
});

test("a scan of the customer's reference finds its shipment; one that several have is not guessed", async ({
  manager,
  api,
  rig,
  world,
  n,
}) => {
  const plant = await world.location(`plant ${n}`, "production");
  const store = await world.location(`store ${n}`, "storage");
  await world.device(`scanner-${n}`, "scan", { location_id: store });
  const item = await world.item(`SKU-${n}`);
  await world.stock(item, store);
  const T = Date.now() - 60_000;
  const create = async (reference: string) =>
    (
      await manager("POST /shipments", {
        ...{ product_name: "x", quantity: 1, location: plant, reference, at: new Date(T - 60_000).toISOString() },
      })
    ).body;
  const placeOf = async ({ id }: Row) => (await manager(`GET /shipments/${String(id)}`)).body["location_id"];
  const one = await create(`PO/${n}`);
  const twins = [await create(`PO/${n}/2`), await create(`PO/${n}/2`)];
  // The reference of a shipment that is the SKU of a product: the scan is of the product.
  const alike = await create(`SKU-${n}`);
  const codes = [`PO/${n}`, `PO/${n}/2`, `SKU-${n}`];
  for (const [at, code] of codes.entries())
    await rig.publish(`devices/scanner-${n}/scan`, { ts: T + at, code, action: "receive" });
  await rig.settled();
  expect(await placeOf(one)).toBe(store);
  for (const other of [...twins, alike]) expect(await placeOf(other)).toBe(plant);
  const { rows } = await api.db.pool.query<{ reason: string }>(
    "SELECT reason FROM quarantine WHERE device_id = $1 ORDER BY id",
    [`scanner-${n}`],
  );
  expect(rows.map(({ reason }) => reason)).toEqual(["several-shipments"]);
  const found = (await manager(`GET /shipments?q=${encodeURIComponent(`PO/${n}`)}`)).body as unknown as Row[];
  expect(found.map(({ id }) => id)).toEqual([one["id"], ...twins.map(({ id }) => id)]);
});
