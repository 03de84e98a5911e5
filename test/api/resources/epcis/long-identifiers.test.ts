import { afterAll, beforeAll, expect, test } from "vitest";
import { startApi, type TestApi } from "../../support.ts";
import { CONTEXT, eventWith } from "./epcis-test.ts";

let api: TestApi;
let operator: Awaited<ReturnType<TestApi["as"]>>;
beforeAll(async () => {
  api = await startApi();
  operator = await api.as("operator");
});
afterAll(() => api?.close());

test.each([
  "eventID",
  "bizStep",
  "disposition",
  "readPoint",
  "bizLocation",
  "epcList",
  "bizTransactionList",
  "transformationID",
])("an event with a %s that is too long to be looked up is refused, and the field is named", async (field) => {
  const uri = `urn:uuid:${"a".repeat(1_000)}`;
  const value =
    field === "readPoint" || field === "bizLocation"
      ? { id: uri }
      : field === "epcList"
        ? [uri]
        : field === "bizTransactionList"
          ? [{ type: "po", bizTransaction: uri }]
          : uri;
  const { status, body } = await operator("POST /epcis/events", {
    "@context": CONTEXT,
    ...eventWith({ [field]: value }),
  });
  expect([field, status, JSON.stringify(body).slice(0, 300)]).toEqual([field, 400, expect.stringContaining(field)]);
});
