import { createHash } from "node:crypto";

const SEQUENCE = 0x30;
const INTEGER = 0x02;
const VERSION = 0xa0;
const PEM = /-----BEGIN X509 CRL-----([^-]+)-----END X509 CRL-----/g;

/** One value of DER (ITU-T X.690 section 8.1). */
interface Value {
  tag: number;
  /** with its tag and length */
  whole: Buffer;
  content: Buffer;
}

/** The values that `content` consists of. @throws RangeError where it is not DER */
function valuesIn(content: Buffer): Value[] {
  const values: Value[] = [];
  for (let start = 0; start < content.length;) {
    let body = start + 2;
    let length = content.readUInt8(start + 1);
    if (length >= 0x80) {
      const bytes = length & 0x7f;
      length = content.readUIntBE(body, bytes);
      body += bytes;
    }
    const end = body + length;
    if (end > content.length) throw new RangeError("DER that ends early");
    values.push({ tag: content[start]!, whole: content.subarray(start, end), content: content.subarray(body, end) });
    start = end;
  }
  return values;
}

/** What is signed of a certificate or a list: its first part (RFC 5280 sections 4.1, 5.1). */
const signedPartOf = (der: Buffer): Value[] => valuesIn(valuesIn(valuesIn(der)[0]!.content)[0]!.content);

/** Serial numbers are unique for their issuer only (RFC 5280 section 4.1.2.2). */
const nameOf = (issuer: Value, serial: Value): string =>
  createHash("sha256").update(issuer.whole).update(serial.content).digest("base64url");

/** What a certificate is called in a revocation list. @param der the whole certificate */
export function certificateId(der: Buffer): string {
  const [serial, , issuer] = signedPartOf(der).filter(({ tag }) => tag !== VERSION);
  return nameOf(issuer!, serial!);
}

/** All certificates that the revocation lists of a PEM file name. @throws where one cannot be read */
export function readRevokedCertificates(pem: string): ReadonlySet<string> {
  const revoked = new Set<string>();
  for (const [, base64] of pem.matchAll(PEM)) {
    const parts = signedPartOf(Buffer.from(base64!, "base64")).filter(({ tag }) => tag !== INTEGER);
    // Signature algorithm, issuer, one or two times; then the entries, where there are any.
    const [, issuer, ...rest] = parts;
    const entries = rest.find(({ tag }) => tag === SEQUENCE);
    for (const entry of entries ? valuesIn(entries.content) : []) {
      revoked.add(nameOf(issuer!, valuesIn(entry.content)[0]!));
    }
  }
  return revoked;
}
