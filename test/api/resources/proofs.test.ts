import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startApi, type TestApi } from "../support.ts";

type Body = Record<string, unknown>;

/** A picture of one dot. */
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

let api: TestApi;
let operator: Awaited<ReturnType<TestApi["as"]>>;
let token: string;
beforeAll(async () => {
  api = await startApi();
  operator = await api.as("operator");
  token = await api.tokenOf("operator");
});
afterAll(() => api?.close());

async function shipment(): Promise<string> {
  const { body } = await operator("POST /shipments", {
    location: "delivery",
    lines: [
      { product_name: "Tea", quantity: 12 },
      { product_name: "Salt", quantity: 5 },
    ],
  });
  return `/shipments/${String(body["id"])}`;
}

async function attach(
  path: string,
  kind: string,
  content: Buffer | string = PNG,
): Promise<{ status: number; body: Body }> {
  const response = await api.app.request(`${path}/attachments?kind=${kind}&file_name=${kind}.png`, {
    method: "POST",
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/octet-stream" },
    body: new Uint8Array(Buffer.from(content)),
  });
  return { status: response.status, body: (await response.json()) as Body };
}

const proofsOf = async (path: string): Promise<unknown[]> =>
  ((await operator(`GET ${path}/events`)).body as unknown as Body[]).flatMap(({ proof }) => proof ?? []);

test("a proof keeps who took what of each line, why not all, and its photo and signature with their hashes", async () => {
  const path = await shipment();
  const photo = await attach(path, "photo");
  const signature = await attach(path, "signature");
  expect(photo.body).toMatchObject({ kind: "photo", media_type: "image/png" });
  const ids = [photo, signature].map(({ body }) => Number(body["id"]));
  const answer = await operator(`POST ${path}/proof-of-delivery`, {
    ...{ name: "A. Huber", outcome: "partly", reason: "two were wet", attachment_ids: ids },
    lines: [{ line: 1, quantity: 10 }],
  });
  expect([answer.status, answer.body["status"]]).toEqual([200, "delivered"]);
  const sha256 = createHash("sha256").update(PNG).digest("hex");
  expect(await proofsOf(path)).toEqual([
    {
      ...{ name: "A. Huber", outcome: "partly", reason: "two were wet", note: null },
      lines: [{ line: 1, quantity: 10 }],
      attachments: [
        { id: ids[0], kind: "photo", sha256 },
        { id: ids[1], kind: "signature", sha256 },
      ],
    },
  ]);
  const { rows } = await api.db.pool.query(
    "SELECT data -> 'attachments' -> 0 ->> 'sha256' AS sha256 FROM facts WHERE type = 'proof' AND subject = $1",
    [path.slice(1).replace("s/", ":")],
  );
  expect(rows).toEqual([{ sha256 }]);
  // What was signed stays.
  const removed = await operator(`DELETE ${path}/attachments/${ids[1]}`);
  expect([removed.status, removed.body["detail"]]).toEqual([409, expect.stringContaining("proof of delivery")]);
  const other = await attach(path, "file");
  expect((await operator(`DELETE ${path}/attachments/${String(other.body["id"])}`)).status).toBe(204);
});

test("refused goods return, and the reason is kept", async () => {
  const path = await shipment();
  const refused = await operator(`POST ${path}/proof-of-delivery`, {
    ...{ name: "A. Huber", outcome: "refused", reason: "wrong goods" },
  });
  expect(refused.body["status"]).toBe("returned");
  expect(await proofsOf(path)).toMatchObject([{ outcome: "refused", reason: "wrong goods", lines: null }]);
});

test("what a proof cannot be is refused, and nothing is recorded", async () => {
  const path = await shipment();
  const other = await attach(await shipment(), "photo");
  const partly = { name: "A", outcome: "partly" };
  const refusals: [object, string][] = [
    [{ ...partly, lines: [{ line: 3, quantity: 1 }] }, "/lines/0/line"],
    [{ ...partly, lines: [{ line: 1, quantity: 13 }] }, "/lines/0/quantity"],
    [{ ...partly, lines: [1, 1].map((line) => ({ line, quantity: 1 })) }, "/lines/1/line"],
    [{ ...partly, lines: [{ line: 1, quantity: 0 }] }, "/lines"],
    [{ name: "A", lines: [{ line: 1, quantity: 1 }] }, "/lines"],
    [{ name: "A", attachment_ids: [other.body["id"]] }, "/attachment_ids/0"],
    [{ name: "A", attachment_ids: [] }, "/attachment_ids"],
  ];
  for (const [body, pointer] of refusals) {
    const answer = await operator(`POST ${path}/proof-of-delivery`, body);
    expect(answer.body, JSON.stringify(body)).toMatchObject({ status: 400, errors: [{ pointer }] });
  }
  expect(await proofsOf(path)).toEqual([]);
  expect((await attach(path, "signature", "a text")).status).toBe(415);
  expect((await attach(path, "selfie")).status).toBe(400);
});
