import { type Sender, type Template, templateOf, writeDigits, writePacket } from "./packet.ts";

/** Grams of a piece on every scale. */
export const UNIT_WEIGHT_GRAMS = 100;
/** The level goes from most to fewest and back, one piece at a time, so that each scale passes the middle by turns. */
const MOST = 60;
const FEWEST = 40;
/** So many pieces later it is where it was. */
export const LEVELS = 2 * (MOST - FEWEST);
/** One reading a second, one piece a minute. */
const READINGS_PER_PIECE = 60;
const INTERVAL_MS = 1_000;
const FIRST_SEQUENCE = 100_000_000;
/** The weight of no piece differs by more than this, grams. */
const NOISE_GRAMS = 20;

/** A shelf scale that reports once a second of its own clock, and from which somebody takes pieces, or puts them back. */
export class Scale implements Sender {
  readonly #topic: Buffer;
  readonly #startsAt: number;
  readonly #phase: number;
  /** readings encoded so far */
  count = 0;

  /** @param phase pieces by which it is ahead of the first scale */
  constructor({ deviceId, phase, startsAt }: { deviceId: string; phase: number; startsAt: number }) {
    this.#topic = Buffer.from(`devices/${deviceId}/scale`);
    this.#phase = phase;
    this.#startsAt = startsAt;
  }

  /** The pieces on it at its next reading. */
  get level(): number {
    const span = MOST - FEWEST;
    const moved = (this.#phase + Math.floor(this.count / READINGS_PER_PIECE)) % LEVELS;
    return moved < span ? MOST - moved : FEWEST + moved - span;
  }

  template(readings: number): Template {
    return templateOf(this.#topic, READING, readings);
  }

  write(into: Buffer, at: number, packetId: number, template: Template): void {
    writePacket(into, at, packetId, template);
    for (let index = 0; index < template.readings; index += 1) {
      const reading = at + template.first + index * template.stride;
      writeDigits(into, reading + TS_AT, 13, this.#startsAt + this.count * INTERVAL_MS);
      writeDigits(into, reading + SEQ_AT, 9, FIRST_SEQUENCE + this.count);
      const noise = ((this.count * 7919) % (2 * NOISE_GRAMS + 1)) - NOISE_GRAMS;
      writeDigits(into, reading + GRAMS_AT, 4, this.level * UNIT_WEIGHT_GRAMS + noise);
      this.count += 1;
    }
  }
}

const READING =
  `{"ts":1000000000000,"seq":000000000,"grams":0000,"stable":true,"battery":0.93,"firmware":"1.8.2-r1",` +
  `"temperature":21.4,"division":5,"provider":"load-cell","model":"shelf-30"}`;
const TS_AT = READING.indexOf("1000000000000");
const SEQ_AT = READING.indexOf("000000000", TS_AT + 13);
const GRAMS_AT = READING.indexOf("0000,", SEQ_AT + 9);
