import type { Decoder } from "./decoder.ts";
import { decodeChirpStack } from "./forwarded/chirpstack.ts";
import { decodeTraccar } from "./forwarded/traccar.ts";
import { decodeTtn } from "./forwarded/ttn.ts";
import { decodeGs1 } from "./gs1.ts";
import { decodeImpinj } from "./impinj.ts";
import { decodeNative } from "./native.ts";
import { decodeNmea } from "./nmea.ts";
import { decodeOsmAnd } from "./osmand.ts";
import { decodeOwnTracks } from "./owntracks.ts";
import { decodeScaleLine } from "./scale-line.ts";
import { decodeSparkplug } from "./sparkplug-b.ts";
import { decodeTeltonika } from "./teltonika-codec8.ts";
import { decodeThingsBoard } from "./thingsboard.ts";
import { decodeZebra } from "./zebra.ts";

/** Every wire format by the name a device carries in its `decoder` field. */
export const DECODERS = {
  native: decodeNative,
  owntracks: decodeOwnTracks,
  osmand: decodeOsmAnd,
  thingsboard: decodeThingsBoard,
  "sparkplug-b": decodeSparkplug,
  impinj: decodeImpinj,
  zebra: decodeZebra,
  "teltonika-codec8": decodeTeltonika,
  nmea: decodeNmea,
  gs1: decodeGs1,
  "scale-line": decodeScaleLine,
  traccar: decodeTraccar,
  chirpstack: decodeChirpStack,
  ttn: decodeTtn,
} as const satisfies Record<string, Decoder>;

export type DecoderName = keyof typeof DECODERS;
export const DECODER_NAMES = Object.keys(DECODERS) as readonly DecoderName[];

/** Formats in which a message depends on earlier ones: these decoders return a `state`. */
export const STATEFUL_DECODERS: ReadonlySet<string> = new Set<DecoderName>(["sparkplug-b", "nmea"]);

/** The decoder of that name; `undefined` when there is none. */
export function decoderFor(name: string): Decoder | undefined {
  return Object.hasOwn(DECODERS, name) ? DECODERS[name as DecoderName] : undefined;
}
