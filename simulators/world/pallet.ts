import type { HandlingKind } from "./handling.ts";
import type { Product } from "./products.ts";
import type { Site } from "./sites.ts";

/** Goods that travel together under one tag: what the platform calls a shipment. */
export interface Pallet {
  /** counts up from 1 in this world */
  number: number;
  /** SSCC-96 of its tag, upper-case hex */
  epc: string;
  product: Product;
  quantity: number;
  origin: Site;
  destination: Site;
  /** true location */
  whereabouts: { site: Site } | { truck: string; from: Site; underWay: boolean };
  /** nothing will be done with it any more */
  delivered: boolean;
  /** how the truck that it waits for, or that took it last, handles goods; returns and strays stay what they were */
  handling: HandlingKind | null;
  /** it was brought back from its destination once */
  returned: boolean;
  /** when it is promised to be there, milliseconds after it is ready */
  promisedWithinMs: number;
}

const HEADER_SSCC_96 = 0x31n;
const FILTER_FULL_CASE = 2n;
/** Seven digits of company prefix (EPC TDS 2.0 table 14-5: partition 5 is 24 bits, and 34 of serial reference). */
const PARTITION = 5n;
const COMPANY_PREFIX = 4_012_345n;

/** The EPC of a pallet's tag (EPC TDS 2.0 §14.6.2, SSCC-96): header, filter, partition, prefix, serial, 24 zero bits. */
export function palletEpc(serial: number): string {
  let bits = HEADER_SSCC_96;
  bits = (bits << 3n) | FILTER_FULL_CASE;
  bits = (bits << 3n) | PARTITION;
  bits = (bits << 24n) | COMPANY_PREFIX;
  bits = (bits << 34n) | BigInt(serial);
  return (bits << 24n).toString(16).toUpperCase().padStart(24, "0");
}
