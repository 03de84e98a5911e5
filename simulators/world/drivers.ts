/** The people who drive the trucks, each with the number of the card that signs on. */
export interface SimulatedDriver {
  name: string;
  card: string;
}

const NAMES = ["A. Lindgren", "G. Novotná", "J. Bauer", "K. Okafor", "L. Chen", "M. Wagner"] as const;

export const DRIVERS: readonly SimulatedDriver[] = NAMES.map((name, at) => ({ name, card: `SIM-CARD-${at + 1}` }));

/** @param truck its place among the trucks of the world */
export const driverOf = (truck: number): SimulatedDriver => DRIVERS[truck % DRIVERS.length]!;
