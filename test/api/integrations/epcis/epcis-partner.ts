import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import formats from "ajv-formats";
import { expect } from "vitest";
import { CONTEXT, documentOf, type EpcisEvent } from "../../../../ingest/domain/epcis/event.ts";
import { transaction } from "../../../../ingest/decisions/record-facts.ts";
import { appendEpcisEvents } from "../../../../api/integrations/epcis/repository/append.ts";
import type { JsonObject } from "../../../../api/integrations/epcis/json.ts";
import { rememberNames } from "../../../../api/integrations/epcis/meaning/names.ts";
import { takeCaptured } from "../../../../api/integrations/epcis/meaning/take.ts";
import { fanOut } from "../../../../api/integrations/relay/fan-out.ts";
import { startApi, type TestApi } from "../../support.ts";

const SCHEMA = new URL("../../../fixtures/epcis/EPCIS-JSON-Schema.json", import.meta.url);
const ajv = new Ajv({ strict: false, allErrors: true });
formats.default(ajv);
const isValid = ajv.compile(JSON.parse(readFileSync(SCHEMA, "utf8")) as object);

/** Fails unless GS1's JSON schema accepts the document. */
export function expectValid(document: object): void {
  isValid(document);
  expect(isValid.errors ?? []).toEqual([]);
}

/** An installation that tells others of its shipments, and listens to them. */
export interface Partner extends TestApi {
  /** tells all that has happened */
  tell(): Promise<void>;
  /** what it has told so far, in order, each accepted by the schema */
  told(): Promise<EpcisEvent[]>;
  /** captures events, and makes facts of them */
  capture(events: readonly object[]): Promise<void>;
}

export async function startPartner(publicUrl: string, companyPrefix?: string): Promise<Partner> {
  const api = await startApi({ publicUrl, ...(companyPrefix !== undefined && { gs1CompanyPrefix: companyPrefix }) });
  const { pool } = api.db;
  await rememberNames(pool, publicUrl);
  return {
    ...api,
    async tell() {
      while ((await fanOut(pool)) > 0);
    },
    async told() {
      const { rows } = await pool.query<{ body: string }>(
        "SELECT body FROM epcis_events WHERE source = 'emitted' ORDER BY position",
      );
      const events = rows.map(({ body }) => JSON.parse(body) as EpcisEvent);
      expectValid(documentOf(events, new Date(0)));
      return events;
    },
    async capture(events) {
      const added = events.map((event) => ({ event: event as JsonObject }));
      await transaction(pool, (client) => appendEpcisEvents(client, added, { source: "captured", context: CONTEXT }));
      while ((await takeCaptured(pool, companyPrefix)) > 0);
    },
  };
}
