import { type Access, ROLES } from "../../../api/auth/roles.ts";

/** A file has the roles of its list. */
const LISTS = [
  ...["items", "locations", "parties", "orders", "order-lines", "stock", "inventory-items", "movements", "shipments"],
  ...["alerts", "trips", "vehicles"],
];

/** Who may have which list as a file. */
export const EXPORT_ACCESS: Readonly<Record<string, Access>> = {
  ...Object.fromEntries(LISTS.map((list) => [`GET /exports/${list}.csv`, ROLES])),
  "GET /exports/devices.csv": ["manager", "admin"],
  "GET /exports/audit.csv": ["manager", "auditor", "admin"],
};
