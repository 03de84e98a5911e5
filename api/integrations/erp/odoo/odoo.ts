import { z } from "zod";
import type { ErpAdapter } from "../adapter.ts";
import type { CallErp } from "../http-client.ts";
import { createOdooReader } from "./read.ts";
import { type CallOdoo, json2, jsonRpc, type OdooAccount, odooVersion } from "./rpc.ts";
import { createOdooWriter } from "./write.ts";

/** From then on the JSON-2 API is there; `/jsonrpc` ends with Odoo 22. */
const JSON2_SINCE = 19;

const majorOf = (version: string): number => Number(/\d+/.exec(version)?.[0] ?? 0);

/** Odoo, over its JSON-2 API (19 and later) or JSON-RPC (before). */
export function createOdoo(callErp: CallErp, account: OdooAccount): ErpAdapter {
  let version: Promise<string> | undefined;
  const versionOf = (): Promise<string> => (version ??= odooVersion(callErp, account.url));
  let way: CallOdoo | undefined;
  const call: CallOdoo = async (model, method, args) => {
    way ??= majorOf(await versionOf()) >= JSON2_SINCE ? json2(callErp, account) : jsonRpc(callErp, account);
    return way(model, method, args);
  };
  const reader = createOdooReader(call);
  return {
    ...reader,
    ...createOdooWriter(call, reader),
    async test() {
      const shape = z.object({ id: z.number(), name: z.string() });
      const companies = await reader.search("res.company", shape, {
        domain: [],
        fields: ["name"],
        order: "id asc",
        limit: 1,
      });
      return `Odoo ${await versionOf()}, company ${companies[0]?.name ?? "unknown"}`;
    },
    before(time, minutes) {
      const at = Date.parse(`${time.replace(" ", "T")}Z`) - minutes * 60_000;
      return new Date(at).toISOString().slice(0, 19).replace("T", " ");
    },
  };
}
