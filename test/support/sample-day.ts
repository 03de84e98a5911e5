import { withCheckDigit } from "../../ingest/domain/gs1/check-digit.ts";
import type { worldIn } from "./world.ts";

/** One message of a device. */
export interface DayMessage {
  topic: string;
  reading: { ts: number } & Record<string, unknown>;
}

export interface SampleDay {
  /** in the order of measurement */
  messages: DayMessage[];
  shipments: number[];
}

/** Pseudo-random numbers in [0, 1), the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const LAP_S = 2_400;
const TAG = "urn:epc:id:sscc:0614141.12345678";

/**
 * A truck shuttles between a plant and a shop with shipments aboard, with noise and outliers; a shelf is filled and
 * emptied; a gate reads a tag that comes and goes; a scanner counts. Places are written to the database; the messages are
 * only returned.
 * @param name makes the names of devices unique; days of different names lie on different roads
 */
export async function createSampleDay(
  world: ReturnType<typeof worldIn>,
  { name, seed, start, hours }: { name: number; seed: number; start: number; hours: number },
): Promise<SampleDay> {
  const random = seededRandom(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const lon = 10 + name / 10;
  const plant = await world.location(`plant ${name}`, "storage", { lat: 48.1, lon, radius_m: 300 });
  const shop = await world.location(`shop ${name}`, "delivery", { lat: 48.2, lon, radius_m: 300 });
  const vehicleId = await world.vehicle(`truck ${name}`);
  const truck = await world.device(`day-truck-${name}`, "gps", { vehicle_id: vehicleId });
  const item = await world.item(`DAY-${name}`, 250);
  await world.stock(item, shop, "scale");
  const scale = await world.device(`day-scale-${name}`, "scale", {
    location_id: shop,
    item_id: item,
    tare_grams: 1000,
  });
  const gate = await world.device(`day-gate-${name}`, "rfid", {
    location_id: plant,
    antennas: { 1: "outside", 2: "inside" },
  });
  const gtin = withCheckDigit(`09521107${String(name).padStart(5, "0")}`);
  const counted = await world.item(`DAY-COUNT-${name}`, null, gtin);
  await world.stock(counted, plant);
  const scanner = await world.device(`day-scanner-${name}`, "scan", { location_id: plant });
  const shipments: number[] = [];
  for (let i = 0; i < 3; i += 1) {
    const shipment = await world.shipment(plant, shop, start - 7_200_000);
    await world.fact(shipment, "loaded", { vehicleId, locationId: plant }, start - 3_600_000 + i * LAP_S * 1000);
    shipments.push(shipment);
  }
  await world.tag(shipments[0]!, `${TAG}${String(name).padStart(2, "0")}`);

  const messages: DayMessage[] = [];
  const send = (id: string, kind: string, reading: DayMessage["reading"]) =>
    messages.push({ topic: `devices/${id}/${kind}`, reading });
  const seconds = hours * 3600;
  for (let s = 0; s < seconds; s += 20) {
    const ts = start + s * 1000;
    const outlier = random() < 0.03 ? 0.3 : 0;
    const lat = 48.1 + 0.1 * shuttle(s) + (normal() * 8) / 111_195 + outlier;
    send(truck, "gps", { ts, seq: s / 20, lat, lon: lon + (normal() * 8) / 74_000, accuracy: 5 + 10 * random() });
  }
  for (let s = 0; s < seconds; s += 7) {
    const pieces = 20 - (Math.floor(s / 600) % 9);
    const hand = random() < 0.02 ? 3000 : 0;
    send(scale, "scale", { ts: start + s * 1000 + 300, grams: 1000 + pieces * 250 + normal() * 0.5 + hand });
  }
  for (let s = 0; s < seconds; s += 900) {
    for (let read = 0; read < 6; read += 1) {
      const antenna = Math.floor(s / 900) % 2 === read >> 2 ? 1 : 2;
      const reading = { ts: start + s * 1000 + read * 400, epc: tagHex(name), antenna, rssi: -55 - 5 * random() };
      send(gate, "rfid", reading);
    }
    const round = s / 900;
    const lot = `(10)L${round % 3}(17)${27 + (round % 2)}0331`;
    const code = round % 2 === 0 ? `DAY-COUNT-${name}` : `(01)${gtin}${lot}`;
    const scan = { ts: start + s * 1000 + 77, code };
    if (random() < 0.3) send(scanner, "scan", { ...scan, action: "count", quantity: Math.floor(random() * 50) });
    else send(scanner, "scan", { ...scan, action: random() < 0.5 ? "receive" : "pick", quantity: 2 });
  }
  messages.sort((a, b) => a.reading.ts - b.reading.ts);
  return { messages, shipments };
}

/** How far along the road the truck is: ten minutes at each end, ten minutes between. */
function shuttle(s: number): number {
  const t = s % LAP_S;
  if (t < 600) return 0;
  if (t < 1200) return (t - 600) / 600;
  return t < 1800 ? 1 : 1 - (t - 1800) / 600;
}

/** SSCC-96 of company prefix 0614141 (partition 5, 24 bits) and serial 12345678nn (34 bits), EPC TDS 2.0 §14.6.1. */
function tagHex(name: number): string {
  // header, filter 3, partition 5: seven digits of company prefix, ten of serial reference
  const bits = `00110001011101${(614_141).toString(2).padStart(24, "0")}${serialBits(name)}${"0".repeat(24)}`;
  return BigInt(`0b${bits}`).toString(16).toUpperCase().padStart(24, "0");
}

function serialBits(name: number): string {
  return BigInt(`12345678${String(name).padStart(2, "0")}`)
    .toString(2)
    .padStart(34, "0");
}
