import { isLoopback } from "./peer.ts";

/**
 * Whether a request may use rights that come without credentials: those of loopback, or of the client certificate of a
 * browser. A browser grants them to any page that is open in it, and names the page in `Origin` (RFC 6455 §10.2): a
 * stranger's page must not act with them. Programs send no `Origin`. A page of loopback came from a program of this
 * machine, which has these rights itself; names that resolve to loopback do not count as loopback.
 * @param allowed origins of the platform's own pages
 */
export function isOriginAllowed(origin: string | undefined, allowed: readonly string[]): boolean {
  if (origin === undefined || allowed.includes(origin)) return true;
  if (!URL.canParse(origin)) return false;
  const host = new URL(origin).hostname.replace(/^\[(.*)\]$/, "$1");
  return host === "localhost" || isLoopback(host);
}
