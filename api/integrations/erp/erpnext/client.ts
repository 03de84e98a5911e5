import { z } from "zod";
import { printable } from "../../channels/channel.ts";
import { ErpError } from "../erp-error.ts";
import { type CallErp, type ErpAnswer, type ErpCall, jsonOf } from "../http-client.ts";

/** A custom field with our key, unique: ERPNext itself refuses a second document with it. */
export const KEY_FIELD = "custom_waystock_key";

export interface ErpnextAccount {
  url: string;
  apiKey: string;
  apiSecret: string;
}

export type Filter = readonly [field: string, operator: string, value: unknown];

export interface Listing {
  fields: readonly string[];
  filters?: readonly Filter[];
  order?: string;
  limit: number;
  start?: number;
  /** of child tables */
  parent?: string;
}

export type Document = Record<string, unknown> & { name: string };

const failure = z.object({
  exc_type: z.string().optional(),
  exception: z.string().optional(),
  /** JSON of a list, of which each is JSON of {message} */
  _server_messages: z.string().optional(),
});

/** Faults of Frappe that pass, though it gives them a status of its own. */
const PASSING = /QueryDeadlockError|QueryTimeoutError|TimestampMismatchError|DocumentLockedError|InReadOnlyMode/;

/** Frappe's REST API: /api/resource/{DocType}/{name}, with `token key:secret`. */
export function createFrappe(call: CallErp, { url, apiKey, apiSecret }: ErpnextAccount) {
  const headers = {
    Authorization: `token ${apiKey}:${apiSecret}`,
    Accept: "application/json",
    "Content-Type": "application/json",
  };
  const base = url.endsWith("/") ? url : `${url}/`;
  const at = (...steps: string[]): URL => new URL(`api/${steps.map(encodeURIComponent).join("/")}`, base);

  async function ask(method: ErpCall["method"], target: URL, body?: unknown): Promise<ErpAnswer> {
    const answer = await call({
      method,
      url: target,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if ((answer.status >= 200 && answer.status < 300) || answer.status === 404) return answer;
    throw refusal(answer);
  }

  const dataOf = (answer: ErpAnswer): unknown => {
    if (answer.status === 404) throw refusal(answer);
    return (jsonOf(answer) as { data?: unknown }).data;
  };

  return {
    async list(
      doctype: string,
      { fields, filters = [], order, limit, start = 0, parent }: Listing,
    ): Promise<Document[]> {
      const target = at("resource", doctype);
      target.searchParams.set("fields", JSON.stringify(fields));
      target.searchParams.set("filters", JSON.stringify(filters));
      if (order !== undefined) target.searchParams.set("order_by", order);
      if (parent !== undefined) target.searchParams.set("parent", parent);
      target.searchParams.set("limit_start", String(start));
      target.searchParams.set("limit_page_length", String(limit));
      return dataOf(await ask("GET", target)) as Document[];
    },
    /** undefined: there is none */
    async get(doctype: string, name: string): Promise<Document | undefined> {
      const answer = await ask("GET", at("resource", doctype, name));
      return answer.status === 404 ? undefined : (dataOf(answer) as Document);
    },
    async create(doctype: string, document: object): Promise<Document> {
      return dataOf(await ask("POST", at("resource", doctype), document)) as Document;
    },
    /** `docstatus: 1` submits, `docstatus: 2` cancels */
    async update(doctype: string, name: string, change: object): Promise<Document> {
      return dataOf(await ask("PUT", at("resource", doctype, name), change)) as Document;
    },
    /** drafts only */
    async remove(doctype: string, name: string): Promise<void> {
      await ask("DELETE", at("resource", doctype, name));
    },
    async whoAmI(): Promise<string> {
      const answer = await ask("GET", at("method", "frappe.auth.get_logged_user"));
      if (answer.status === 404) throw new ErpError("away", "this address does not answer as ERPNext does");
      return String((jsonOf(answer) as { message?: unknown }).message);
    },
  };
}

export type Frappe = ReturnType<typeof createFrappe>;

function refusal(answer: ErpAnswer): ErpError {
  const parsed = failure.safeParse(quietJson(answer.text));
  const { exc_type: type = "", exception = "", _server_messages: messages } = parsed.success ? parsed.data : {};
  const said = messageOf(messages) || exception || `HTTP ${answer.status} ${type}`;
  const message = printable(said.replace(/<[^>]*>/g, " "));
  if (PASSING.test(type)) return new ErpError("away", `ERPNext has a fault: ${message}`);
  return new ErpError("refused", `ERPNext refuses this: ${message}`);
}

function messageOf(messages: string | undefined): string {
  const list = quietJson(messages ?? "");
  if (!Array.isArray(list)) return "";
  return list
    .map((each) => (quietJson(String(each)) as { message?: unknown } | undefined)?.message)
    .filter((message) => typeof message === "string")
    .join(" ");
}

function quietJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
