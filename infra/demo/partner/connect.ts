import { CUSTOMER, TABLES, WAREHOUSE } from "./books.ts";
import type { PartnerServer } from "./partner-server.ts";
import type { PlatformApi } from "./platform-api.ts";

/** By these names a later demo finds again what an earlier one has added. */
const NAMES = {
  webhook: "Demo: a partner on this machine",
  query: "demo-accepted",
  erp: "Web shop (demo)",
  store: "Store of the web shop",
  customers: "Customers of the web shop",
} as const;

/** Where the goods of the web shop lie, and where they go to. */
export interface WebShop {
  storeId: number;
}

/**
 * Connects the platform with the demo's partner, as a person would on the page Integrations. What is there already gets the partner's
 * address and secrets of today; what somebody has turned off stays off.
 */
export async function connectPartner(api: PlatformApi, partner: PartnerServer): Promise<WebShop> {
  await connectWebhook(api, partner);
  await subscribe(api, partner);
  await partner.keepsakes.save();
  const storeId = await placeNamed(api, NAMES.store, { stage: "storage", kind: "storage" });
  const customersId = await placeNamed(api, NAMES.customers, { stage: "delivery" });
  await connectErp(api, partner, storeId, customersId);
  return { storeId };
}

async function connectWebhook(api: PlatformApi, { url, keepsakes }: PartnerServer): Promise<void> {
  const known = (await api<{ id: number; url: string; description: string | null }[]>("GET /webhooks?limit=200")).find(
    ({ description }) => description === NAMES.webhook,
  );
  const target = `${url}/webhooks`;
  if (known === undefined) {
    const types = ["order.*", "alert.opened", "shipment.stage_changed"];
    ({ secret: keepsakes.webhook } = await api<{ secret: string }>("POST /webhooks", {
      ...{ url: target, types, description: NAMES.webhook },
    }));
    return;
  }
  if (keepsakes.webhook === "")
    ({ secret: keepsakes.webhook } = await api<{ secret: string }>(`POST /webhooks/${known.id}/secrets`, {}));
  if (known.url !== target) await api(`PUT /webhooks/${known.id}`, { url: target });
}

/** The partner hears of goods that somebody has accepted, as soon as that is recorded. */
async function subscribe(api: PlatformApi, { url, keepsakes }: PartnerServer): Promise<void> {
  const queries = await api<{ name: string }[]>("GET /epcis/queries?perPage=1000");
  if (!queries.some(({ name }) => name === NAMES.query))
    await api("POST /epcis/queries", { name: NAMES.query, query: { EQ_bizStep: ["accepting"] } });
  const path = `/epcis/queries/${NAMES.query}/subscriptions`;
  const dest = `${url}/epcis`;
  const known = await api<{ subscriptionID: string; dest: string }[]>(`GET ${path}?perPage=1000`);
  if (known.some((each) => each.dest === dest)) return;
  // A subscription cannot be changed: one to an address of an earlier demo ends.
  for (const { subscriptionID } of known.filter((each) => OF_DEMO.test(each.dest)))
    await api(`DELETE ${path}/${subscriptionID}`);
  await api(`POST ${path}`, { dest, signatureToken: keepsakes.epcis, stream: true });
}
const OF_DEMO = /^http:\/\/127\.0\.0\.1:\d+\/epcis$/;

async function placeNamed(api: PlatformApi, name: string, more: object): Promise<number> {
  const found = await api<{ id: number; name: string }[]>(`GET /locations?q=${encodeURIComponent(name)}`);
  const known = found.find((each) => each.name === name);
  return (known ?? (await api<{ id: number }>("POST /locations", { name, ...more }))).id;
}

async function connectErp(
  api: PlatformApi,
  { url, keepsakes }: PartnerServer,
  storeId: number,
  customersId: number,
): Promise<void> {
  const address = { url: `${url}/erp/`, credentials: { token: keepsakes.erp } };
  const known = (await api<{ id: number; name: string }[]>("GET /erp/connections?limit=200")).find(
    ({ name }) => name === NAMES.erp,
  );
  if (known !== undefined) {
    await api(`PUT /erp/connections/${known.id}`, address);
    return;
  }
  await api("POST /erp/connections", {
    ...{ name: NAMES.erp, kind: "generic", ...address },
    options: {
      warehouses: [{ external_id: WAREHOUSE, location_id: storeId }],
      customers: [{ external_id: CUSTOMER, location_id: customersId }],
      ship: "automatic",
      interval_s: 10,
      files: TABLES,
    },
  });
}
