import { expect } from "vitest";
import type { TestApi, TestResponse } from "../../support.ts";

type Call = Awaited<ReturnType<TestApi["as"]>>;

/** A capture that has finished. */
export async function finished(call: Call, location: string): Promise<TestResponse["body"]> {
  const job = (): Promise<TestResponse["body"]> => call(`GET ${location}`).then(({ body }) => body);
  await expect.poll(async () => (await job())["running"], { timeout: 20_000 }).toBe(false);
  return job();
}

/** Sends a document and waits until it is captured. */
export async function capture(call: Call, document: unknown, headers: Record<string, string> = {}) {
  const sent = await call("POST /epcis/capture", document, headers);
  expect(sent.status, JSON.stringify(sent.body)).toBe(202);
  return finished(call, sent.headers.get("Location")!);
}

let events = 0;

/** An event like no other. */
export const eventWith = (fields: object = {}): Record<string, unknown> => ({
  type: "ObjectEvent",
  eventTime: "2026-03-01T08:00:00.000+01:00",
  eventTimeZoneOffset: "+01:00",
  action: "OBSERVE",
  epcList: [`urn:epc:id:sgtin:0614141.107346.${(events += 1)}`],
  bizStep: "shipping",
  ...fields,
});

export const CONTEXT = [
  "https://ref.gs1.org/standards/epcis/epcis-context.jsonld",
  { example: "http://ns.example.com/epcis/" },
];

export const documentWith = (...eventList: readonly object[]) => ({
  "@context": CONTEXT,
  type: "EPCISDocument",
  schemaVersion: "2.0",
  creationDate: "2026-03-01T08:00:00Z",
  epcisBody: { eventList },
});
