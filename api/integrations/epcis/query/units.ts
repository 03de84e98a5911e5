/*
 * Units of UN/ECE Recommendation 20 that measure the same. Who asks for events above 8 °C means those in kelvin and in degrees
 * Fahrenheit, too: a `uom` is how a sensor writes its value.
 */

/** `value × factor + offset` is the value in the unit of the group that has the factor 1. */
type Unit = readonly [factor: number, offset?: number];

const FAHRENHEIT = 5 / 9;
const GROUPS: readonly Readonly<Record<string, Unit>>[] = [
  // temperature
  { KEL: [1], CEL: [1, 273.15], FAH: [FAHRENHEIT, 459.67 * FAHRENHEIT], A48: [FAHRENHEIT] },
  // length
  {
    ...{ MTR: [1], MMT: [0.001], CMT: [0.01], DMT: [0.1], KMT: [1000] },
    ...{ INH: [0.0254], FOT: [0.3048], YRD: [0.9144], SMI: [1609.344], NMI: [1852] },
  },
  // mass
  {
    KGM: [1],
    GRM: [0.001],
    MGM: [0.000_001],
    TNE: [1000],
    LBR: [0.453_592_37],
    ONZ: [0.028_349_523_125],
    STN: [907.184_74],
  },
  // volume
  { MTQ: [1], LTR: [0.001], MLT: [0.000_001], CMQ: [0.000_001] },
  // speed
  { MTS: [1], KMH: [1 / 3.6], HM: [0.447_04], KNT: [1852 / 3600] },
  // acceleration
  { MSK: [1], K40: [9.806_65] },
  // pressure
  {
    ...{ PAL: [1], A97: [100], KPA: [1000], MPA: [1_000_000], BAR: [100_000], MBR: [100] },
    ...{ ATM: [101_325], PS: [6894.757_293_168] },
  },
  // time
  { SEC: [1], C26: [0.001], MIN: [60], HUR: [3600], DAY: [86_400] },
  // energy, power, voltage
  { JOU: [1], KJO: [1000], WHR: [3600], KWH: [3_600_000] },
  { WTT: [1], KWT: [1000] },
  { VLT: [1], "2Z": [0.001] },
  // angle
  { C81: [1], DD: [Math.PI / 180] },
];

/** Values in a unit that measures the same. */
export interface InUnit {
  unit: string;
  values: readonly number[];
}

/**
 * The values as they are, and in every other unit for the same.
 * @param isDifference a spread, such as a standard deviation: where a scale begins does not matter to it
 */
export function inUnitsOf(unit: string, values: readonly number[], isDifference = false): readonly InUnit[] {
  const group = GROUPS.find((units) => Object.hasOwn(units, unit));
  if (group === undefined) return [{ unit, values }];
  const [factor, offset = 0] = group[unit]!;
  return Object.entries(group).map(([other, [itsFactor, itsOffset = 0]]) => {
    if (other === unit) return { unit, values };
    const converted = (value: number): number =>
      isDifference ? (value * factor) / itsFactor : (value * factor + offset - itsOffset) / itsFactor;
    return { unit: other, values: values.map((value) => rounded(converted(value))) };
  });
}

/** 21.5 °C are 70.7 °F, and not 70.70000000000005: more digits than these are of the arithmetic. */
const rounded = (value: number): number => Number(value.toPrecision(12));
