// What the signed-in person may do, as the server says (`may` of GET /auth/me). What would be refused is not shown.

import type { Schemas } from "../../client/index.ts";

/** The signed-in person. */
export type Person = Schemas["Me"];

/** May handle shipments. */
export const mayHandle = ({ may }: Person): boolean => may.includes("handle");

/** May see devices and what of them was refused. */
export const mayManage = ({ may }: Person): boolean => may.includes("manage");

/** May see what is about the whole installation, which somebody with limits may not. */
export const mayManageAll = (person: Person): boolean =>
  mayManage(person) && person.location_ids === null && person.owner_ids === null;

/** May read the audit log. */
export const mayAudit = ({ may }: Person): boolean => may.includes("audit");

/** May see how the platform is connected with other systems: something on the pages of Integrations. */
export const maySeeIntegrations = (person: Person): boolean =>
  mayAudit(person) || mayAdminister(person) || mayCapture(person);

/** May take in events of other systems, which are about goods wherever they are. */
export const mayCapture = (person: Person): boolean =>
  mayHandle(person) && person.location_ids === null && person.owner_ids === null;

/** May add users and change what they may do. */
export const mayAdminister = ({ may }: Person): boolean => may.includes("administer");

/** May change orders of this kind; whether also this one, the server says. */
export function mayOrder({ may }: Person, kind: string): boolean {
  if (kind === "restock") return may.includes("manage");
  return may.includes(kind === "transfer" ? "handle" : "order");
}
