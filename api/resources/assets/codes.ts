import { parseDigitalLink } from "../../../ingest/domain/gs1/digital-link.ts";
import { parseElementString } from "../../../ingest/domain/gs1/element-string.ts";
import { gs1KeysOf } from "../../../ingest/domain/gs1/epc-keys.ts";
import { unescapeEpc } from "../../../ingest/domain/gs1/epc-escapes.ts";
import { parseEpc } from "../../../ingest/domain/gs1/epc-text.ts";

/** What a code says of an asset. */
export interface AssetCode {
  /** 13 digits; undefined: the code is the serial alone */
  grai: string | undefined;
  serial: string;
}

/** Reads the code of one asset: a GRAI with its serial, else the text is the serial. */
export function readAssetCode(code: string): AssetCode {
  const text = code.trim();
  const { epc } = parseEpc(text);
  if (epc?.scheme === "grai") return { grai: gs1KeysOf(epc).grai, serial: unescapeEpc(epc.serial) };
  const result = /^https?:/i.test(text) ? parseDigitalLink(text) : parseElementString(text);
  const value = result.ok ? result.elements.get("8003") : undefined;
  // A leading zero pads the GRAI to fourteen digits (GS1 General Specifications §3.9.3); what follows is the serial.
  return value !== undefined && value.length > 14
    ? { grai: value.slice(1, 14), serial: value.slice(14) }
    : { grai: undefined, serial: text };
}
