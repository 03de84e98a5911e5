import { z } from "zod";
import { printable } from "../../channels/channel.ts";
import { ErpError } from "../erp-error.ts";
import { type CallErp, type ErpAnswer, jsonOf } from "../http-client.ts";

/** Arguments of a method by their names, as `/json/2` takes them. `ids` are the records it is called on. */
export interface OdooArguments {
  ids?: readonly number[];
  context?: Readonly<Record<string, unknown>>;
  [name: string]: unknown;
}

/** Calls a method of a model. @throws ErpError */
export type CallOdoo = (model: string, method: string, args: OdooArguments) => Promise<unknown>;

export interface OdooAccount {
  url: string;
  database: string | null;
  /** of `/jsonrpc`; `/json/2` needs none */
  user: string | undefined;
  apiKey: string;
}

/** The database is asked for a number of its own, so that a base with a path works. */
const under = (base: string, path: string): URL => new URL(path, base.endsWith("/") ? base : `${base}/`);

const JSON_HEADERS = { "Content-Type": "application/json; charset=utf-8" };

/** Odoo 19 and later: the External JSON-2 API, with an API key as bearer token. One call is one transaction there. */
export function json2(call: CallErp, { url, database, apiKey }: OdooAccount): CallOdoo {
  const headers = {
    ...JSON_HEADERS,
    Authorization: `bearer ${apiKey}`,
    ...(database === null ? {} : { "X-Odoo-Database": database }),
  };
  return async (model, method, args) => {
    const target = under(url, `json/2/${model}/${method}`);
    const answer = await call({ method: "POST", url: target, headers, body: JSON.stringify(args) });
    if (answer.status >= 200 && answer.status < 300) return jsonOf(answer);
    throw refusal(answer);
  };
}

const json2Error = z.object({ name: z.string().optional(), message: z.string() });

/**
 * 404 is said of a model or method, or a record, that is not there; 422 of arguments and of what the rules of the ERP refuse; 409 of a
 * record that somebody else is changing.
 */
function refusal(answer: ErpAnswer): ErpError {
  const error = json2Error.safeParse(readJson(answer));
  const message = error.success ? error.data.message : `HTTP ${answer.status}`;
  if (answer.status === 409) return new ErpError("away", printable(`Odoo is at work on the same record: ${message}`));
  return new ErpError("refused", printable(`Odoo refuses this: ${message}`));
}

function readJson({ text }: ErpAnswer): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

const rpcAnswer = z.object({
  result: z.unknown(),
  error: z
    .object({ message: z.string(), data: z.object({ name: z.string(), message: z.string() }).partial().optional() })
    .optional(),
});

/** Exceptions that say who may not, and those that say that the same may work when it is tried again. */
const DENIED = /AccessDenied|AccessError|SessionExpired/;
const PASSING = /SerializationFailure|OperationalError|LockNotAvailable|TransactionRollback|DeadlockDetected/;

/** Positions of arguments, for `execute_kw`: what else is given goes by name. `ids` come first. */
const POSITIONAL: Readonly<Record<string, readonly string[]>> = { create: ["vals_list"], write: ["vals"] };

/** Before Odoo 19: `execute_kw` over `/jsonrpc`. An error comes with HTTP 200. */
export function jsonRpc(call: CallErp, { url, database, user, apiKey }: OdooAccount): CallOdoo {
  let uid: number | undefined;

  async function invoke(service: string, method: string, args: readonly unknown[]): Promise<unknown> {
    const body = JSON.stringify({ jsonrpc: "2.0", method: "call", params: { service, method, args }, id: 1 });
    const answer = await call({ method: "POST", url: under(url, "jsonrpc"), headers: JSON_HEADERS, body });
    if (answer.status !== 200)
      throw new ErpError("refused", `there is no /jsonrpc at this address: HTTP ${answer.status}`);
    const parsed = rpcAnswer.safeParse(jsonOf(answer));
    if (!parsed.success) throw new ErpError("away", "this address does not answer as Odoo does");
    const { result, error } = parsed.data;
    if (error === undefined) return result;
    const name = error.data?.name ?? "";
    const message = printable(error.data?.message ?? error.message);
    if (DENIED.test(name)) throw new ErpError("auth", `Odoo does not let us in: ${message}`);
    if (PASSING.test(name)) throw new ErpError("away", `Odoo has a fault: ${message}`);
    throw new ErpError("refused", `Odoo refuses this: ${message}`);
  }

  async function signIn(): Promise<number> {
    const result = await invoke("common", "authenticate", [database, user, apiKey, {}]);
    if (typeof result !== "number")
      throw new ErpError("auth", "Odoo does not let us in: check the database, the user and the API key");
    return result;
  }

  return async (model, method, { ids, ...named }) => {
    uid ??= await signIn();
    const positional = POSITIONAL[method] ?? [];
    const args = [...(ids === undefined ? [] : [ids]), ...positional.map((name) => named[name])];
    const rest = Object.fromEntries(Object.entries(named).filter(([name]) => !positional.includes(name)));
    return invoke("object", "execute_kw", [database, uid, apiKey, model, method, args, rest]);
  };
}

/** e.g. "19.0": by it the adapter knows how to call. `/web/version` is there since 19, the common service before. */
export async function odooVersion(call: CallErp, url: string): Promise<string> {
  const web = await call({ method: "GET", url: under(url, "web/version"), headers: {} });
  const modern = z.object({ version: z.string() }).safeParse(web.status === 200 ? readJson(web) : undefined);
  if (modern.success) return modern.data.version;
  const body = JSON.stringify({
    jsonrpc: "2.0",
    method: "call",
    params: { service: "common", method: "version", args: [] },
    id: 1,
  });
  const rpc = await call({ method: "POST", url: under(url, "jsonrpc"), headers: JSON_HEADERS, body });
  const known = z.object({ result: z.object({ server_version: z.string() }) }).safeParse(readJson(rpc));
  if (!known.success) throw new ErpError("away", "this address does not answer as Odoo does");
  return known.data.result.server_version;
}
