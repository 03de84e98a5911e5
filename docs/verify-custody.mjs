#!/usr/bin/env node
/*
 * Verifies a signed custody log offline:
 *
 *   node verify-custody.mjs EXPORT JWKS
 *
 * EXPORT is what `GET /shipments/{id}/custody?format=signed` answered, byte by byte. JWKS is what `GET /.well-known/jwks.json` of the
 * installation answered: get it from somebody you trust, and keep it with the export, because keys are replaced in time.
 *
 * It checks the signature, that each entry has the hash it names, that each names the hash of the one before, that none is missing,
 * and that corrections name an entry before them. Exit code 0: intact; 1: not; 2: it could not be read.
 * It needs Node.js 20 or later and nothing else.
 */
import { createHash, createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { argv, exit } from "node:process";
import { fileURLToPath } from "node:url";

const FORMAT = "waystock-custody-1";
const TYPE = "custody+jws";

/**
 * @param {string} text the export
 * @param {{ keys: object[] }} jwks
 * @returns {{ shipment: object, entries: object[], exported_at: string, issuer: string, names: object }}
 * @throws {Error} that says what is wrong
 */
export function verifyCustody(text, jwks) {
  const parts = text.split(".");
  if (parts.length !== 3) throw new Error("this is no signed export: it has to have three parts");
  const [header, payload, signature] = parts.map(decode);
  const { alg, kid, typ } = JSON.parse(header.toString("utf8"));
  if (alg !== "ES256") throw new Error(`it is signed by ${alg}, which these exports never are`);
  if (typ !== TYPE) throw new Error(`it is a ${typ}, and no export of a custody log`);
  const key = jwks.keys.find((each) => each.kid === kid);
  if (key === undefined) throw new Error(`the key ${kid} is not among those of the JWKS file`);
  const publicKey = { key: createPublicKey({ key, format: "jwk" }), dsaEncoding: "ieee-p1363" };
  const signed = Buffer.from(`${parts[0]}.${parts[1]}`, "ascii");
  if (!verify("sha256", signed, publicKey, signature)) throw new Error("the signature does not fit: it was changed");
  const document = JSON.parse(payload.toString("utf8"));
  if (document.format !== FORMAT) throw new Error(`its form ${document.format} is not known here`);
  checkChain(document.shipment.id, document.entries);
  return document;
}

/** Base64url in its only spelling: other text could be changed without another content. */
function decode(part) {
  const bytes = Buffer.from(part, "base64url");
  if (part === "" || bytes.toString("base64url") !== part) throw new Error("a part of it is no base64url");
  return bytes;
}

function checkChain(shipmentId, entries) {
  let before = "";
  entries.forEach(({ prev_hash: prevHash, hash, ...entry }, index) => {
    const position = index + 1;
    if (entry.position !== position) throw new Error(`entry ${position} is missing`);
    if (entry.shipment_id !== shipmentId) throw new Error(`entry ${position} is of another shipment`);
    if (prevHash !== before) throw new Error(`entry ${position} does not follow the one before it`);
    const expected = createHash("sha256").update(`${before}\n${JSON.stringify(entry)}`, "utf8").digest("hex");
    if (hash !== expected) throw new Error(`entry ${position} was changed`);
    const isFirst = entry.kind === "recorded";
    if (isFirst !== (entry.corrects === null)) throw new Error(`entry ${position} corrects nothing`);
    if (!isFirst && !(entry.corrects < position && entries[entry.corrects - 1]?.kind === "recorded"))
      throw new Error(`entry ${position} corrects an entry that is not there`);
    before = hash;
  });
}

function main([exportFile, jwksFile]) {
  if (exportFile === undefined || jwksFile === undefined) {
    console.error("usage: node verify-custody.mjs EXPORT JWKS");
    return 2;
  }
  let text;
  let jwks;
  try {
    text = readFileSync(exportFile, "latin1");
    jwks = JSON.parse(readFileSync(jwksFile, "utf8"));
  } catch (error) {
    console.error(error.message);
    return 2;
  }
  try {
    const { shipment, entries, exported_at, issuer } = verifyCustody(text, jwks);
    const last = entries.at(-1);
    console.log(`intact: ${entries.length} entries of shipment ${shipment.tracking_number}, exported ${exported_at} by ${issuer}`);
    if (last !== undefined) console.log(`last hash: ${last.hash}`);
    return 0;
  } catch (error) {
    console.error(`NOT INTACT: ${error.message}`);
    return 1;
  }
}

if (argv[1] === fileURLToPath(import.meta.url)) exit(main(argv.slice(2)));
