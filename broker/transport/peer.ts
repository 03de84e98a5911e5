import { isIP } from "node:net";

/** Where a connection comes from, as far as the transport can tell. */
export interface Peer {
  address: string;
  /** whom its client certificate names; undefined: it sent none */
  certificateName: string | undefined;
  /** what that certificate is called in a revocation list */
  certificateId?: string;
}

/** An IPv4 address mapped into IPv6 is that IPv4 address: one sender, one count. */
export const plainAddress = (address: string | undefined): string => address?.replace(/^::ffff:/i, "") ?? "unknown";

/** 127.0.0.0/8 and ::1, also as an IPv4 address mapped into IPv6. */
export function isLoopback(address: string): boolean {
  const plain = plainAddress(address);
  return plain === "::1" || (isIP(plain) === 4 && plain.startsWith("127."));
}
