import type { ErpConnection, NewErpConnection } from "../../../state/resources.ts";
import { formText } from "../../controls/form-text.ts";

/** What the form says of a connection. Options that it does not show stay as they are. */
export function fieldsOf(
  given: FormData,
  kind: ErpConnection["kind"],
  before: ErpConnection | undefined,
): NewErpConnection {
  const text = (name: string) => formText(given, name)?.trim() ?? "";
  const named = (prefix: string): [string, string][] =>
    [...given.keys()].flatMap((name): [string, string][] => {
      const value = text(name);
      return name.startsWith(prefix) && value !== "" ? [[name.slice(prefix.length), value]] : [];
    });
  const credentials = Object.fromEntries(named("credential."));
  const company = text("company");
  const kept: Partial<ErpConnection["options"]> = before?.options ?? {};
  const { company: _, ...options } = kept;
  /** What is not followed at all is decided by the API only, and stays so. */
  const orders = (name: "sales" | "purchases") =>
    given.get(name) !== null ? "both" : options.sync?.[name] === "off" ? "off" : "in";
  return {
    name: text("name"),
    url: text("url"),
    enabled: given.get("enabled") !== null,
    ...(before === undefined && { kind }),
    ...(kind === "odoo" && { database: text("database") === "" ? null : text("database") }),
    ...((before === undefined || Object.keys(credentials).length > 0) && { credentials }),
    options: {
      ...options,
      ...(company !== "" && { company }),
      warehouses: named("warehouse.").map(([id, external_id]) => ({ external_id, location_id: Number(id) })),
      ...(kind === "generic" && { files: Object.fromEntries(named("file.")) }),
      sync: {
        ...options.sync,
        items: given.get("both") === null ? "in" : "both",
        ...{ sales: orders("sales"), purchases: orders("purchases") },
      },
      ship: given.get("automatic") === null ? "by_hand" : "automatic",
      interval_s: Number(text("minutes")) * 60,
    },
  } as NewErpConnection;
}
