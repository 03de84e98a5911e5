import { type Sender, type Template, templateOf, writeDigits, writePacket } from "./packet.ts";

/**
 * A truck that drives a straight road back and forth, past a geofenced yard every 4 km, with one fix per second of its
 * own clock.
 */

/** Distance between yards, in millionths of a degree of longitude (4 km at 50° north). */
export const YARD_SPACING = 55_800;
export const YARDS_PER_ROAD = 50;
export const YARD_RADIUS_M = 200;
/** The western end of the roads, in millionths of a degree. */
const WEST = 10_000_000;
const ROAD_LENGTH = YARD_SPACING * YARDS_PER_ROAD;
/** 20 m between fixes: 72 km/h. */
const STEP = 279;
const INTERVAL_MS = 1_000;
const FIRST_SEQUENCE = 100_000_000;

/** Latitude of a road in degrees. */
export const latitudeOf = (road: number): number => 50 + road * 0.1;
/** Longitude of a yard on any road, in degrees. */
export const longitudeOf = (yard: number): number => (WEST + yard * YARD_SPACING + YARD_SPACING / 2) / 1e6;

export interface TruckStart {
  deviceId: string;
  road: number;
  /** the yard in whose middle it starts, counted from the western end */
  yard: number;
  /** epoch milliseconds of its first fix */
  startsAt: number;
}

export class Truck implements Sender {
  readonly deviceId: string;
  readonly #topic: Buffer;
  readonly #lat: string;
  readonly #startsAt: number;
  readonly #start: number;
  /** readings encoded so far */
  count = 0;
  /** send time of each reading (`performance.now()`) by its `ts`; recorded only when set */
  sentAt: Map<number, number> | undefined;

  constructor({ deviceId, road, yard, startsAt }: TruckStart) {
    this.deviceId = deviceId;
    this.#topic = Buffer.from(`devices/${deviceId}/gps`);
    this.#lat = latitudeOf(road).toFixed(6);
    this.#startsAt = startsAt;
    this.#start = yard * YARD_SPACING + YARD_SPACING / 2;
  }

  /** The newest time of measurement it has reported, epoch milliseconds. */
  get newestTs(): number {
    return this.#startsAt + (this.count - 1) * INTERVAL_MS;
  }

  /** With fixes of about 200 bytes of JSON each. */
  template(readings: number): Template {
    return templateOf(this.#topic, fixText(this.#lat), readings);
  }

  write(into: Buffer, at: number, packetId: number, template: Template): void {
    writePacket(into, at, packetId, template);
    const { first, stride, readings } = template;
    for (let index = 0; index < readings; index += 1) {
      const fix = at + first + index * stride;
      const ts = this.#startsAt + this.count * INTERVAL_MS;
      this.sentAt?.set(ts, performance.now());
      writeDigits(into, fix + TS_AT, 13, ts);
      writeDigits(into, fix + SEQ_AT, 9, FIRST_SEQUENCE + this.count);
      const lon = WEST + this.#position();
      writeDigits(into, fix + LON_AT, 2, Math.floor(lon / 1_000_000));
      writeDigits(into, fix + LON_AT + 3, 6, lon % 1_000_000);
      this.count += 1;
    }
  }

  /** Offset from the western end in millionths of a degree, with some metres of noise. */
  #position(): number {
    const driven = (this.#start + this.count * STEP) % (2 * ROAD_LENGTH);
    const noise = (this.count * 7919) % 41;
    return (driven < ROAD_LENGTH ? driven : 2 * ROAD_LENGTH - driven) + noise;
  }
}

const fixText = (lat: string) =>
  `{"ts":1000000000000,"seq":000000000,"lon":00.000000,"lat":${lat},"accuracy":4.5,"speed":20.0,"heading":90.0,` +
  `"altitude":41.2,"satellites":11,"battery":0.93,"firmware":"2.14.7-r3","provider":"gnss-fused"}`;
const PLAIN = fixText("50.000000");
const TS_AT = PLAIN.indexOf("1000000000000");
const SEQ_AT = PLAIN.indexOf("000000000", TS_AT + 13);
const LON_AT = PLAIN.indexOf("00.000000");
