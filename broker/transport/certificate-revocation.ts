import { createHash } from "node:crypto";

const SEQUENCE = 0x30;
const INTEGER = 0x02;
const VERSION = 0xa0;
const PEM = /-----BEGIN X509 CRL-----([^-]+)-----END X509 CRL-----/g;

/** One DER value (ITU-T X.690 section 8.1). */
interface DerValue {
  tag: number;
  /** tag, length and content */
  encoded: Buffer;
  content: Buffer;
}

/** Splits `content` into the DER values it consists of. @throws RangeError where it is not DER */
function parseDerValues(content: Buffer): DerValue[] {
  const values: DerValue[] = [];
  for (let start = 0; start < content.length;) {
    let body = start + 2;
    let length = content.readUInt8(start + 1);
    if (length >= 0x80) {
      const bytes = length & 0x7f;
      length = content.readUIntBE(body, bytes);
      body += bytes;
    }
    const end = body + length;
    if (end > content.length) throw new RangeError("truncated DER value");
    values.push({ tag: content[start]!, encoded: content.subarray(start, end), content: content.subarray(body, end) });
    start = end;
  }
  return values;
}

/** The signed fields of a certificate or a revocation list: its first part (RFC 5280 sections 4.1, 5.1). */
const signedFields = (der: Buffer): DerValue[] =>
  parseDerValues(parseDerValues(parseDerValues(der)[0]!.content)[0]!.content);

/** A serial number is unique only together with its issuer (RFC 5280 section 4.1.2.2). */
const identifier = (issuer: DerValue, serial: DerValue): string =>
  createHash("sha256").update(issuer.encoded).update(serial.content).digest("base64url");

/** Identifies a certificate by issuer and serial number, as `readRevokedCertificates` does. @param der the certificate */
export function certificateId(der: Buffer): string {
  const [serial, , issuer] = signedFields(der).filter(({ tag }) => tag !== VERSION);
  return identifier(issuer!, serial!);
}

/** The `certificateId`s in the revocation lists of a PEM file. @throws RangeError where a list cannot be parsed */
export function readRevokedCertificates(pem: string): ReadonlySet<string> {
  const revoked = new Set<string>();
  for (const [, base64] of pem.matchAll(PEM)) {
    const parts = signedFields(Buffer.from(base64!, "base64")).filter(({ tag }) => tag !== INTEGER);
    // Signature algorithm, issuer, thisUpdate, maybe nextUpdate, then the entries if there are any (RFC 5280 section 5.1).
    const [, issuer, ...rest] = parts;
    const entries = rest.find(({ tag }) => tag === SEQUENCE);
    for (const entry of entries ? parseDerValues(entries.content) : []) {
      revoked.add(identifier(issuer!, parseDerValues(entry.content)[0]!));
    }
  }
  return revoked;
}
