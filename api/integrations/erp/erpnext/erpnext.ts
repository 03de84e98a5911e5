import type { ErpAdapter } from "../adapter.ts";
import type { CallErp } from "../http-client.ts";
import { createFrappe, type ErpnextAccount } from "./client.ts";
import { createErpnextReader } from "./read.ts";
import { createErpnextWriter } from "./write.ts";

/** ERPNext, over the REST API of Frappe. @param company of several in one ERPNext */
export function createErpnext(call: CallErp, account: ErpnextAccount, company: string | undefined): ErpAdapter {
  const frappe = createFrappe(call, account);
  return {
    ...createErpnextReader(frappe, company),
    ...createErpnextWriter(frappe, company),
    async test() {
      const user = await frappe.whoAmI();
      const [first] = await frappe.list("Company", { fields: ["name"], order: "name asc", limit: 1 });
      return `ERPNext, user ${user}, company ${company ?? first?.name ?? "unknown"}`;
    },
    before(time, minutes) {
      // "2026-03-01 08:00:00.123456", in the zone of the site: only the difference counts.
      const at = Date.parse(`${time.slice(0, 19).replace(" ", "T")}Z`) - minutes * 60_000;
      return new Date(at).toISOString().slice(0, 19).replace("T", " ");
    },
  };
}
