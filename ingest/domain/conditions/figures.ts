import type { ConditionQuantity } from "../fact.ts";
import { joinSpan, type Span } from "../spans.ts";
import { type Band, beyond } from "./bands.ts";
import { KineticMean, type KineticTemperature, windowMsOf } from "./kinetic-temperature.ts";
import { type Measured, outsideOf, type Stretch } from "./stretches.ts";

/** What one probe has measured of one quantity while it was with the goods. Fed in the order of time. */
export class ProbeFigures {
  readonly #band: Band;
  readonly #kinetic: KineticMean | undefined;
  readonly measured: Span[] = [];
  readonly outside: Span[] = [];
  readings = 0;
  beyondLimit = 0;
  lowest: Measured | undefined;
  highest: Measured | undefined;
  last: number | undefined;

  constructor(quantity: ConditionQuantity, band: Band) {
    this.#band = band;
    this.#kinetic = quantity === "celsius" ? new KineticMean(windowMsOf(band.max)) : undefined;
  }

  addReading(reading: Measured): void {
    const { value, ts } = reading;
    this.readings += 1;
    this.last = ts;
    if (beyond(value, this.#band) > 0) this.beyondLimit += 1;
    if (this.lowest === undefined || value < this.lowest.value) this.lowest = reading;
    if (this.highest === undefined || value > this.highest.value) this.highest = reading;
  }

  addStretch(stretch: Stretch): void {
    if (stretch.kind === "gap" || stretch.to <= stretch.from) return;
    joinSpan(this.measured, stretch);
    for (const piece of outsideOf(stretch, this.#band)) joinSpan(this.outside, piece);
    this.#kinetic?.add(stretch);
  }

  kineticTemperature(): KineticTemperature | undefined {
    return this.#kinetic?.result();
  }
}
