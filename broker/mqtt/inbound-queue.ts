import type { FramedPacket } from "./packet-framer.ts";
import type { ParsedPublish } from "./publish-packet.ts";

/** Packets for the parser that follow one another in the same piece of memory. */
export interface PacketRun {
  bytes: Buffer;
  start: number;
  end: number;
  packets: number;
  publishes: number;
}

const NONE: Array<PacketRun | ParsedPublish> = [];

export const isRun = (arrival: PacketRun | ParsedPublish): arrival is PacketRun => "packets" in arrival;

/** What has come in and waits for its turn, in order of receipt: readings one by one, everything else in runs. */
export class InboundQueue {
  // Shared while nothing waits: thousands of idle connections have one each.
  #waiting = NONE;
  #taken = 0;
  /** the run that may still grow */
  #run: PacketRun | undefined;

  get first(): PacketRun | ParsedPublish | undefined {
    return this.#waiting[this.#taken];
  }

  addPublish(reading: ParsedPublish): void {
    this.#run = undefined;
    this.#add(reading);
  }

  /** @param maxPackets of a run; 1: this packet has one of its own */
  addPacket({ bytes, start, end }: FramedPacket, isPublish: boolean, maxPackets: number): void {
    let run = this.#run;
    if (run?.bytes !== bytes || run.end !== start || run.packets >= maxPackets) {
      run = { bytes, start, end, packets: 0, publishes: 0 };
      this.#run = run;
      this.#add(run);
    }
    run.end = end;
    run.packets++;
    if (isPublish) run.publishes++;
    if (maxPackets === 1) this.#run = undefined;
  }

  /** Takes the first away. */
  shift(): void {
    if (this.first === this.#run) this.#run = undefined;
    this.#taken++;
    if (this.#taken < this.#waiting.length) return;
    this.#waiting = NONE;
    this.#taken = 0;
  }

  #add(arrival: PacketRun | ParsedPublish): void {
    if (this.#waiting === NONE) this.#waiting = [arrival];
    else this.#waiting.push(arrival);
  }
}
