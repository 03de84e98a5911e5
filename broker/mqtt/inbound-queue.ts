import { type FramedPacket, typeOf } from "./packet-framer.ts";
import { isAnswered, needsOwnRun, PACKET } from "./packet-rules.ts";
import { type ParsedPublish, parsePublish, type PublishFastPath } from "./publish-packet.ts";

/** Consecutive packets for the parser, adjacent in one buffer. */
export interface PacketRun {
  bytes: Buffer;
  start: number;
  end: number;
  packets: number;
  publishes: number;
  /** what they count in the client's rate */
  cost: number;
  /** whether the parser answers any of them */
  isAnswered: boolean;
}

const EMPTY: Array<PacketRun | ParsedPublish> = [];

export const isRun = (entry: PacketRun | ParsedPublish): entry is PacketRun => "packets" in entry;

/** Received packets in order of receipt: readings for the fast path one by one, everything else in runs. */
export class InboundQueue {
  // The empty array is shared: thousands of idle connections have a queue each.
  #entries = EMPTY;
  #head = 0;
  /** the last run, while further packets may join it */
  #openRun: PacketRun | undefined;

  get first(): PacketRun | ParsedPublish | undefined {
    return this.#entries[this.#head];
  }

  /**
   * @param fastPath takes the readings that it accepts; the parser gets everything else
   * @param longestRun packets that go to the parser together; some types are a run of their own
   */
  add(packet: FramedPacket, fastPath: PublishFastPath | undefined, longestRun: number): void {
    const publish = fastPath && typeOf(packet) === PACKET.publish ? parsePublish(packet) : undefined;
    if (publish && fastPath!.accepts(publish.topic)) {
      this.#openRun = undefined;
      this.#add(publish);
    } else this.#addToRun(packet, longestRun);
  }

  #addToRun(packet: FramedPacket, longestRun: number): void {
    const { bytes, start, end, cost } = packet;
    const type = typeOf(packet);
    const maxPackets = needsOwnRun(type) ? 1 : longestRun;
    let run = this.#openRun;
    if (run?.bytes !== bytes || run.end !== start || run.packets >= maxPackets) {
      run = { bytes, start, end, packets: 0, publishes: 0, cost: 0, isAnswered: false };
      this.#openRun = run;
      this.#add(run);
    }
    run.end = end;
    run.packets++;
    run.cost += cost;
    if (type === PACKET.publish) run.publishes++;
    if (isAnswered(type)) run.isAnswered = true;
    if (maxPackets === 1) this.#openRun = undefined;
  }

  /** Removes the first entry. */
  shift(): void {
    if (this.first === this.#openRun) this.#openRun = undefined;
    this.#head++;
    if (this.#head < this.#entries.length) return;
    this.#entries = EMPTY;
    this.#head = 0;
  }

  #add(entry: PacketRun | ParsedPublish): void {
    if (this.#entries === EMPTY) this.#entries = [entry];
    else this.#entries.push(entry);
  }
}
