import { lookup as resolve } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";

/* Where what people have typed may lead: to the Internet, and to the hosts of WEBHOOK_ALLOWED_HOSTS. */

/** Special-purpose networks of IPv4 (RFC 6890 and the registry that it began). */
const PRIVATE_IPV4: readonly [string, number][] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
];
/** Within 2000::/3, which is all that is public: protocols, Teredo, documentation, 6to4. The last one carries IPv4. */
const PRIVATE_IPV6: readonly [string, number][] = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
];

const notPublic = new BlockList();
for (const [network, prefix] of PRIVATE_IPV4) notPublic.addSubnet(network, prefix, "ipv4");
for (const [network, prefix] of PRIVATE_IPV6) notPublic.addSubnet(network, prefix, "ipv6");
const global = new BlockList();
global.addSubnet("2000::", 3, "ipv6");

/** Whether an IP address is one of the Internet. IPv4 within IPv6 is not: nobody needs it to name a host. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !notPublic.check(address, "ipv4");
  return family === 6 && global.check(address, "ipv6") && !notPublic.check(address, "ipv6");
}

const bare = (hostname: string): string => hostname.toLowerCase().replace(/^\[|\]$/g, "");

/** Whether the operator allows this host, whatever its address. Entries are `host` or `host:port`. */
export function isAllowedHost({ hostname, port, protocol }: URL, allowedHosts: readonly string[]): boolean {
  const portOf = port === "" ? (protocol === "https:" ? "443" : "80") : port;
  const names = [bare(hostname), `${bare(hostname)}:${portOf}`, `[${bare(hostname)}]:${portOf}`];
  return allowedHosts.some((entry) => names.includes(entry.toLowerCase()) || names[0] === bare(entry));
}

/** Why a message may not be posted to this URL, as far as that shows without asking for its address; undefined: it may. */
export function urlProblem(text: string, allowedHosts: readonly string[]): string | undefined {
  if (!URL.canParse(text)) return "expected a URL such as https://hooks.example.com/waystock";
  const url = new URL(text);
  if (url.protocol !== "https:" && url.protocol !== "http:") return "expected a URL that begins with https://";
  if (url.username !== "" || url.password !== "") return "a URL with a user name or a password is not taken";
  if (isAllowedHost(url, allowedHosts)) return undefined;
  if (url.protocol === "http:") return "expected https://; http:// only to hosts that WEBHOOK_ALLOWED_HOSTS lists";
  const host = bare(url.hostname);
  const isLocal = host === "localhost" || host.endsWith(".localhost") || (isIP(host) !== 0 && !isPublicAddress(host));
  return isLocal ? PRIVATE_ADDRESS : undefined;
}

const PRIVATE_ADDRESS =
  "this is a private address; hosts that may be reached there are listed in WEBHOOK_ALLOWED_HOSTS";

/**
 * Resolves names as `net.connect` wants it, and refuses those with a private address. The connection is made to what was checked: a name
 * that answers otherwise the next time leads nowhere else.
 */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  resolve(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, "", 0);
    const [first] = addresses;
    if (first === undefined || !addresses.every(({ address }) => isPublicAddress(address)))
      return callback(new Error(PRIVATE_ADDRESS), "", 0);
    // `options.all` is set where Node tries several addresses at once.
    if (options.all === true)
      return (callback as unknown as (error: null, all: typeof addresses) => void)(null, addresses);
    callback(null, first.address, first.family);
  });
};
