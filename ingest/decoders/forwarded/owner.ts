import type { DecoderName } from "../index.ts";

/** Servers that forward what many devices measure: the message names the device. */
export const FORWARDERS: ReadonlySet<string> = new Set<DecoderName>(["traccar", "chirpstack", "ttn"]);

interface Registered {
  id: string;
  kind: string;
  decoder: string;
}

/**
 * The device that a forwarded message is about: the registered one with that name there and the server's decoder. What a
 * single device sends itself (its kind is not gateway) is its own, by whatever name the server knows it.
 * @param sender the registered device that sent the message; undefined: it came from an external broker
 * @returns the device, or in words why there is none
 */
export function forwardedDevice<D extends Registered>(
  ids: readonly string[],
  { sender, decoder }: { sender: D | undefined; decoder: string },
  deviceBy: (id: string) => D | undefined,
): D | string {
  const known = ids.flatMap((id) => deviceBy(id) ?? []);
  const owner = known.find((device) => device.decoder === decoder);
  const isGateway = sender === undefined || sender.kind === "gateway";
  if (isGateway) return owner ?? missing(ids, known[0], decoder);
  if (owner !== undefined && owner.id !== sender.id) {
    return `the message is about ${owner.id}, and ${sender.id} may speak for itself only: a device of kind gateway forwards for others`;
  }
  return sender;
}

function missing([id]: readonly string[], other: Registered | undefined, decoder: string): string {
  if (id === undefined) return "the message does not name its device";
  const named = id.slice(0, 128);
  return other === undefined
    ? `no device ${named} is registered: add it with decoder ${decoder}, and try this message again`
    : `the device ${other.id} is registered with decoder ${other.decoder}, and this message is ${decoder}: change its decoder, and try this message again`;
}
