import type { FramedPacket } from "./packet-framer.ts";
import type { ParsedPublish } from "./publish-packet.ts";

/** Consecutive packets for the parser, adjacent in one buffer. */
export interface PacketRun {
  bytes: Buffer;
  start: number;
  end: number;
  packets: number;
  publishes: number;
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

  addPublish(publish: ParsedPublish): void {
    this.#openRun = undefined;
    this.#add(publish);
  }

  /** @param maxPackets longest run this packet may join or begin; 1: a run of its own */
  addPacket({ bytes, start, end }: FramedPacket, isPublish: boolean, maxPackets: number): void {
    let run = this.#openRun;
    if (run?.bytes !== bytes || run.end !== start || run.packets >= maxPackets) {
      run = { bytes, start, end, packets: 0, publishes: 0 };
      this.#openRun = run;
      this.#add(run);
    }
    run.end = end;
    run.packets++;
    if (isPublish) run.publishes++;
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
