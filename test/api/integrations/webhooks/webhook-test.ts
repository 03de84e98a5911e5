import { expect } from "vitest";
import { Webhook } from "standardwebhooks";
import type { ReceivedPost } from "../../../support/receivers.ts";
import { relayTest } from "../relay-test.ts";

export type Row = Record<string, unknown>;

export interface Hook {
  id: number;
  secret: string;
  /** of the API */
  at: string;
  /** of the receiver */
  path: string;
}

/** As a receiver does it: throws when the message is not signed by the secret, or is old. @returns the CloudEvent */
export function verified(secret: string, { headers, body }: ReceivedPost): Row {
  const named = ["webhook-id", "webhook-timestamp", "webhook-signature"].map((name) => [name, String(headers[name])]);
  return new Webhook(secret).verify(body, Object.fromEntries(named) as Record<string, string>) as Row;
}

export const idOf = ({ headers }: ReceivedPost): string => String(headers["webhook-id"]);

let serial = 0;

/** Tests of webhooks, beside two relays that are both at work. Each has places and an endpoint of its own. */
export const webhookTest = relayTest
  .extend("admin", { scope: "file" }, ({ api }) => api.as("admin"))
  .extend("mine", async ({ api, http, world, admin, relays }) => {
    const nr = (serial += 1);
    const location = await world.location(`mine ${nr}`, "storage");
    const item = await world.item(`HOOK-${nr}`);
    let paths = 0;
    const { pool } = api.db;
    return {
      ...{ location, item, relays },
      /** adds an endpoint that is told of what happens here */
      async hook(fields: object = {}): Promise<Hook> {
        const path = `/hook-${nr}-${(paths += 1)}`;
        const given = { url: `${http.url}${path}`, types: ["*"], location_ids: [location], ...fields };
        const answer = await admin("POST /webhooks", given);
        expect(answer.status, JSON.stringify(answer.body)).toBe(201);
        const { id, secret } = answer.body as { id: number; secret: string };
        return { id, secret, path, at: `/webhooks/${id}` };
      },
      /** something happens here: an order is placed. @returns the id of its event */
      async event(at = location): Promise<string> {
        const lines = [{ item_id: item, quantity: 1 }];
        const { status, body } = await admin("POST /orders", { kind: "restock", location_id: at, lines });
        expect(status).toBe(201);
        return `order-${String(body["id"])}-1`;
      },
      ids: (path: string): string[] => http.at(path).map(idOf),
      deliveries: async ({ at }: Hook, query = ""): Promise<Row[]> =>
        (await admin(`GET ${at}/deliveries${query}`)).body as unknown as Row[],
      shown: async ({ at }: Hook): Promise<Row> => (await admin(`GET ${at}`)).body,
      /** the time that it asked for is over */
      quietEnds: ({ id }: Hook) => pool.query("UPDATE webhooks SET quiet_until = now() WHERE id = $1", [id]),
      /** what waits is not tried again by its own time */
      laterDue: ({ id }: Hook) =>
        pool.query(
          "UPDATE webhook_deliveries SET due_at = now() + interval '1 hour' WHERE webhook_id = $1 AND state = 'waiting'",
          [id],
        ),
      /** the time of what waits has come */
      due: ({ id }: Hook) =>
        pool.query("UPDATE webhook_deliveries SET due_at = now() WHERE webhook_id = $1 AND state = 'waiting'", [id]),
    };
  });
