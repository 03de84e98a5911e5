import type { TestApi } from "../support.ts";
import { type ApiDocument, type FuzzedRequest, fuzzedRequests } from "./fuzzed-requests.ts";

/** Something of each kind, so that ids of requests name what exists. */
async function seed(api: TestApi): Promise<void> {
  const admin = await api.as("admin");
  for (const name of ["Here", "There", "Shop"]) {
    await admin("POST /locations", { name, stage: name === "Shop" ? "delivery" : "storage" });
    await admin("POST /items", { sku: name, name });
    await admin("POST /vehicles", { name });
    await admin("POST /shipments", { product_name: name, quantity: 2, location: "storage" });
    await admin("POST /orders", { kind: "customer", lines: [{ item_id: 1, quantity: 1 }] });
  }
  for (const item_id of [1, 2, 3]) await admin("POST /inventory-items", { item_id, location_id: 1, quantity: 5 });
  await admin("POST /devices", { id: "d", kind: "gps", mount: { vehicle_id: 1 } });
  await admin("POST /devices", { id: "1", kind: "scale", mount: { location_id: 1, item_id: 1 } });
  await admin("POST /parties", { name: "Party", roles: ["customer", "supplier"] });
  await admin("POST /api-clients", { name: "c", role: "viewer" });
  await admin("POST /service-accounts", { id: "native", publish: ["a/#"], subscribe: [] });
  await admin("POST /cycle-counts", { inventory_item_id: 1, quantity: 4 });
}

const PUBLIC = /^\/(livez|readyz|version|docs|openapi|asyncapi|swagger|\.well-known|auth|oauth|provision|track|00)/;

interface Outcome {
  /** requests whose answer is wrong, and how */
  faults: string[];
  /** the part of the requests that succeeded, 0 to 1: those that are refused at the first look try little */
  succeeded: number;
}

/**
 * Sends fuzzed requests as an administrator, every twentieth with an invalid token.
 * Faults are a 5xx, an answer that the document does not tell, and an invalid token that is not answered 401.
 */
export async function fuzz(api: TestApi, count: number, seedOfRequests: number): Promise<Outcome> {
  await seed(api);
  const document = (await (await api.app.request("/openapi.json")).json()) as ApiDocument;
  const faults: string[] = [];
  let token = await api.tokenOf("admin");
  let sent = 0;
  let succeeded = 0;
  for (const request of fuzzedRequests(document, count, seedOfRequests)) {
    const isStranger = (sent += 1) % 20 === 0;
    const status = await statusOf(api, request, isStranger ? `${token}x` : token).catch(
      (error: Error) => error.message,
    );
    if (typeof status === "number" && status < 300) succeeded += 1;
    const mustBe401 = isStranger && !PUBLIC.test(request.path) && isOperation(request);
    if (typeof status === "string" || status >= 500) faults.push(`${describe(request)}: ${status}`);
    else if (mustBe401 && status !== 401) faults.push(`${describe(request)} with an invalid token: ${status}`);
    // A request may have ended the administrator's session or taken the role.
    else if (!isStranger && (status === 401 || status === 403)) token = await api.tokenOf("admin");
  }
  return { faults, succeeded: succeeded / sent };
}

async function statusOf(api: TestApi, { method, path, headers, body }: FuzzedRequest, token: string): Promise<number> {
  const response = await api.app.request(path, {
    method,
    headers: { ...headers, Authorization: `Bearer ${token}` },
    ...(body !== undefined && { body }),
  });
  // A stream has no end.
  await response.body?.cancel();
  return response.status;
}

/** Whether the path still names the operation: a hostile segment such as `..` makes another path of it. */
const isOperation = ({ route, path }: FuzzedRequest): boolean => {
  const { pathname } = new URL(path, "http://waystock.test");
  return !/\/(\/|$)/.test(pathname) && pathname.split("/").length === route.split(" ")[1]!.split("/").length;
};

const describe = ({ method, path, headers, body }: FuzzedRequest): string =>
  `${method} ${path.slice(0, 300)} ${JSON.stringify(headers)} ${typeof body === "string" ? body.slice(0, 300) : String(body)}`;
