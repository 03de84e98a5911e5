import { BlockList, isIP } from "node:net";
import { isLoopback } from "../config/listeners.ts";

/**
 * Tells where a request comes from.
 * @param socketAddress the other end of the connection
 * @param forwardedFor the header `X-Forwarded-For`; it counts only when the connection is a trusted proxy's
 */
export type ClientAddress = (socketAddress: string | undefined, forwardedFor: string | undefined) => string | undefined;

type IsTrusted = (address: string) => boolean;

/** @param trustedProxies addresses or CIDRs of proxies that write `X-Forwarded-For` */
export function createClientAddress(trustedProxies: readonly string[]): ClientAddress {
  return addressBehind(trustIn(trustedProxies));
}

/** How a request came here. */
export interface Arrival {
  /** the other end of the connection */
  socketAddress: string | undefined;
  /** its headers that tell of a proxy, or whom it is for; in lower case */
  header: (name: "host" | "x-forwarded-for" | "forwarded" | "x-real-ip" | "via") => string | undefined;
}

const LOOPBACK_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i;

/**
 * Tells whether a request was made on this machine: its connection comes from loopback, no proxy has passed it on (or a
 * trusted one, for a client on loopback), and it names a loopback address. The last keeps out pages of other sites, whose
 * name a resolver has pointed at 127.0.0.1.
 */
export function createIsLocal(trustedProxies: readonly string[]): (arrival: Arrival) => boolean {
  const isTrusted = trustIn(trustedProxies);
  const clientOf = addressBehind(isTrusted);
  return ({ socketAddress, header }) => {
    if (socketAddress === undefined || !isLoopback(plain(socketAddress))) return false;
    if (!LOOPBACK_HOST.test(header("host") ?? "localhost")) return false;
    const forwardedFor = header("x-forwarded-for");
    if (forwardedFor !== undefined) {
      const caller = plain(forwardedFor.split(",").at(-1)!);
      const client = clientOf(socketAddress, forwardedFor);
      return isTrusted(plain(socketAddress)) && isIP(caller) !== 0 && client !== undefined && isLoopback(client);
    }
    return header("forwarded") === undefined && header("x-real-ip") === undefined && header("via") === undefined;
  };
}

function trustIn(trustedProxies: readonly string[]): IsTrusted {
  const trusted = new BlockList();
  for (const each of trustedProxies) {
    const [address = "", prefix] = each.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (prefix === undefined) trusted.addAddress(address, family);
    else trusted.addSubnet(address, Number(prefix), family);
  }
  return (address) => trusted.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

function addressBehind(isTrusted: IsTrusted): ClientAddress {
  return (socketAddress, forwardedFor) => {
    if (socketAddress === undefined) return undefined;
    let client = plain(socketAddress);
    // Each proxy appends the address it was called from, so the list is read from its end. What stands left of the first
    // address that is no proxy of ours, the client may have written itself.
    const hops = forwardedFor?.split(",") ?? [];
    while (hops.length > 0 && isTrusted(client)) {
      const hop = plain(hops.pop()!);
      if (isIP(hop) === 0) break;
      client = hop;
    }
    return client;
  };
}

/** Without spaces, port, brackets, zone, and the prefix of an IPv4 address mapped into IPv6. */
function plain(text: string): string {
  const trimmed = text.trim();
  const address = /^\[([^\]]+)\](?::\d+)?$/.exec(trimmed)?.[1] ?? /^([\d.]+):\d+$/.exec(trimmed)?.[1] ?? trimmed;
  return address.replace(/%.*$/, "").replace(/^::ffff:(?=\d+\.)/i, "");
}

/** What limits by address count as one: an IPv4 address, or an IPv6 network of 64 bits, which is what one customer has. */
export function addressBlock(address: string): string {
  if (isIP(address) !== 6 || address === "::1") return address;
  const [head = "", tail] = address.toLowerCase().split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const missing = tail === undefined ? 0 : 8 - left.length - right.length;
  const groups = [...left, ...Array.from({ length: Math.max(0, missing) }, () => "0"), ...right];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":")}::/64`;
}
