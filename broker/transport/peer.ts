import { isIP } from "node:net";

/** The other end of a connection, as far as the transport knows it. */
export interface Peer {
  /** IP address; behind a balancer the one that the PROXY header gives */
  address: string;
  /** what limits by address count as one with it: the address, or an IPv6 network of 64 bits, which is one customer's */
  addressBlock: string;
  /** common name of its client certificate; undefined: it sent none */
  certificateName: string | undefined;
  /** the certificate's identifier in revocation lists, see `certificateId` */
  certificateId?: string;
}

/** Writes an IPv4 address mapped into IPv6 as the IPv4 address, so that limits per address count it once. */
export const plainAddress = (address: string | undefined): string => address?.replace(/^::ffff:/i, "") ?? "unknown";

/** 127.0.0.0/8 and ::1, also as an IPv4 address mapped into IPv6. */
export function isLoopback(address: string): boolean {
  const plain = plainAddress(address);
  return plain === "::1" || (isIP(plain) === 4 && plain.startsWith("127."));
}
