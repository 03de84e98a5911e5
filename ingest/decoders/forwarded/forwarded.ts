import type { DecodedReading } from "../../../broker/contract/readings.ts";
import { type Decoded, emptyDecoded, type Rejection } from "../decoder.ts";
import { decodeElements, isObject, type JsonObject, partText } from "../json/payload.ts";
import { addIgnoredFields } from "../validation/ignored-fields.ts";

/** Reads one element of a message: of which device it is, and what it says. */
export type ReadElement = (element: JsonObject, decoded: Decoded, index: number) => readonly string[];

/** Decodes a payload of what a server forwards: one JSON object, an array of them, or several one after another. */
export function decodeForwarded(payload: Buffer, plural: string, read: ReadElement): Decoded {
  const forwarded: { ids: readonly string[]; decoded: Decoded; element: unknown }[] = [];
  const whole = decodeElements(payload, plural, (outer, element, index) => {
    if (!isObject(element)) {
      outer.rejections.push({ index, reason: "not-a-reading", detail: `expected an object, one of the ${plural}` });
      return;
    }
    const decoded = emptyDecoded();
    const ids = read(element, decoded, index);
    forwarded.push({ ids, decoded, element });
  });
  const isAlone = forwarded.length + whole.rejections.length === 1;
  whole.forwarded = forwarded.map(({ ids, decoded, element }) => ({
    ids,
    decoded,
    ...(isAlone ? {} : partText(element)),
  }));
  return whole;
}

/** An EUI-64 as it may have been registered: as the server writes it, in lower or in upper case. */
export function euiNames(eui: unknown): string[] {
  if (typeof eui !== "string" || eui === "") return [];
  return [...new Set([eui, eui.toLowerCase(), eui.toUpperCase()])];
}

/** One message with everything that was forwarded in it: each reading with the name of its device. For people who try a decoder. */
export function flattened(decoded: Decoded): Omit<Decoded, "readings"> & {
  readings: (DecodedReading & { deviceId?: string })[];
} {
  const { forwarded = [], ...flat } = { ...decoded, readings: [...decoded.readings] as DecodedReading[] };
  const rejections: Rejection[] = [...flat.rejections];
  const warnings = [...flat.warnings];
  const readings: (DecodedReading & { deviceId?: string })[] = [...flat.readings];
  let ignored = flat.ignored;
  const statuses = [...(flat.statuses ?? [])];
  for (const { ids, decoded: own } of forwarded) {
    const [deviceId] = ids;
    readings.push(...own.readings.map((reading) => (deviceId === undefined ? reading : { ...reading, deviceId })));
    rejections.push(...own.rejections);
    warnings.push(...own.warnings);
    if (own.ignored) ignored = addIgnoredFields(ignored, own.ignored);
    statuses.push(...(own.statuses ?? []));
  }
  return {
    ...flat,
    readings,
    rejections,
    warnings,
    ...(ignored && { ignored }),
    ...(statuses.length > 0 && { statuses }),
  };
}
