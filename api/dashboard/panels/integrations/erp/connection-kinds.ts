import type { ErpConnection } from "../../../state/resources.ts";

export const KINDS: Record<ErpConnection["kind"], string> = {
  odoo: "Odoo",
  erpnext: "ERPNext",
  generic: "Tables and files over HTTP",
};

/** What each kind signs in with. */
export const CREDENTIALS: Record<
  ErpConnection["kind"],
  readonly (readonly [name: string, label: string, isSecret: boolean])[]
> = {
  odoo: [
    ["api_key", "API key", true],
    ["user", "User, before Odoo 19", false],
  ],
  erpnext: [
    ["api_key", "API key", false],
    ["api_secret", "API secret", true],
  ],
  generic: [
    ["user", "User", false],
    ["password", "Password", true],
    ["token", "Token, instead of both", true],
  ],
};

/** What is read of a system of the kind `generic`: one table of each. */
export const TABLES = [
  ["item", "Items"],
  ["location", "Warehouses"],
  ["customer", "Customers"],
  ["supplier", "Suppliers"],
  ["sale", "Sales"],
  ["purchase", "Purchases"],
  ["level", "Stock levels"],
] as const;
