import { Problem } from "../../http/problem.ts";

/** What a client proves itself with. */
export interface ClientCredentials {
  clientId: string;
  secret: string;
}

/** @throws Problem 400 when a parameter comes twice (RFC 6749 §3.2) */
export function readForm(bytes: Buffer): Record<string, string> {
  const form: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [name, value] of new URLSearchParams(bytes.toString("utf8"))) {
    if (name in form) throw new Problem(400, `${name} is given more than once`);
    form[name] = value;
  }
  return { ...form };
}

/** An answer of status 401 names the scheme that would be accepted (RFC 6749 §5.2, RFC 7617 §2.1). */
export const unknownClient = (detail: string): Problem =>
  new Problem(401, detail, { headers: { "WWW-Authenticate": 'Basic realm="waystock", charset="UTF-8"' } });

/**
 * Reads the credentials of a client from HTTP Basic, or else from the body (RFC 6749 §2.3.1).
 * @throws Problem 401 when there are none, 400 when there are two
 */
export function readCredentials(
  authorization: string | undefined,
  {
    client_id: clientId = "",
    client_secret: secret = "",
  }: { client_id?: string | undefined; client_secret?: string | undefined },
): ClientCredentials {
  if (authorization === undefined) {
    if (clientId === "" || secret === "")
      throw unknownClient("send client_id and client_secret, by HTTP Basic or in the body");
    return { clientId, secret };
  }
  const basic = parseBasic(authorization);
  if (!basic) throw unknownClient("the header Authorization is not of the scheme Basic, or damaged");
  if (secret !== "")
    throw new Problem(400, "client_secret is given twice: in the header Authorization and in the body");
  if (clientId !== "" && clientId !== basic.clientId)
    throw new Problem(400, "client_id is not that of the header Authorization");
  return basic;
}

/** The two parts are form-urlencoded before they are joined. */
function parseBasic(authorization: string): ClientCredentials | undefined {
  const base64 = /^Basic +([A-Za-z0-9+/_-]+=*)$/i.exec(authorization)?.[1];
  if (base64 === undefined) return undefined;
  const [, clientId, secret] = /^([^:]*):(.*)$/s.exec(Buffer.from(base64, "base64").toString("utf8")) ?? [];
  if (clientId === undefined || secret === undefined) return undefined;
  try {
    return { clientId: decodePart(clientId), secret: decodePart(secret) };
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

const decodePart = (part: string): string => decodeURIComponent(part.replaceAll("+", " "));
