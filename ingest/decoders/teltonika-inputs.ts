/** Error codes of a wired probe (Teltonika wiki, FMB AVL ID 72 to 75, Dallas temperature). */
export const PROBE_ERRORS: Readonly<Record<number, string>> = {
  850: "the sensor is not ready",
  2000: "the value could not be read",
  3000: "the sensor is not connected",
  4000: "the sensor's id could not be read",
  5000: "the sensor is not ready",
};

/** The most frequent inputs by AVL id (Teltonika wiki, FMB). */
const NAMES: Readonly<Record<number, string>> = {
  1: "digital input 1",
  9: "analog input 1",
  11: "ICCID",
  16: "total odometer",
  17: "axis X",
  18: "axis Y",
  19: "axis Z",
  21: "GSM signal",
  24: "speed",
  25: "BLE temperature 1",
  66: "external voltage",
  67: "battery voltage",
  68: "battery current",
  69: "GNSS status",
  73: "wired temperature 2",
  74: "wired temperature 3",
  75: "wired temperature 4",
  72: "wired temperature 1",
  78: "iButton",
  80: "data mode",
  86: "BLE humidity 1",
  113: "battery level",
  179: "digital output 1",
  181: "PDOP",
  182: "HDOP",
  199: "trip odometer",
  200: "sleep mode",
  205: "GSM cell id",
  206: "GSM area code",
  239: "ignition",
  240: "movement",
  241: "GSM operator",
};

export const nameOfInput = (id: number): string => (NAMES[id] === undefined ? `AVL ${id}` : `AVL ${id} (${NAMES[id]})`);
