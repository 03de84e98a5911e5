import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { certificateId, readRevokedCertificates } from "../../../broker/transport/certificate-revocation.ts";
import { createAuthority } from "../../support/certificates.ts";
import { requires } from "../../support/requires.ts";

const openssl = requires("openssl");

describe.skipIf(!openssl)("a revocation list", () => {
  it("names the certificates its authority has revoked, and none of another authority with the same serial numbers", async () => {
    const [one, other] = await Promise.all([createAuthority(openssl!, "one"), createAuthority(openssl!, "other")]);
    try {
      const kept = await one.issue("kept");
      const revoked = [await one.issue("first"), await one.issue("second")];
      const foreign = [await other.issue("kept"), await other.issue("first"), await other.issue("second")];
      const list = async (): Promise<ReadonlySet<string>> =>
        readRevokedCertificates(await readFile(one.crlFile, "utf8"));
      const numbers = (certificates: typeof revoked): string[] =>
        certificates.map(({ cert }) => certificateId(new X509Certificate(cert).raw));
      expect((await list()).size).toBe(0);
      for (const certificate of revoked) await one.revoke(certificate);
      expect([...(await list())].toSorted()).toEqual(numbers(revoked).toSorted());
      for (const number of numbers([kept, ...foreign])) expect((await list()).has(number)).toBe(false);
      await other.revoke(foreign[0]!);
      const both = (await readFile(one.crlFile, "utf8")) + (await readFile(other.crlFile, "utf8"));
      expect(readRevokedCertificates(both).size).toBe(3);
    } finally {
      await one.remove();
      await other.remove();
    }
  });

  it("that cannot be read is an error", () => {
    const cut = `-----BEGIN X509 CRL-----\n${Buffer.from("308201003081", "hex").toString("base64")}\n-----END X509 CRL-----`;
    expect(() => readRevokedCertificates(cut)).toThrow(RangeError);
    expect(readRevokedCertificates("").size).toBe(0);
  });
});
