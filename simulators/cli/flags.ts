import { HANDLING_KINDS } from "../world/handling.ts";

export interface Flag {
  /** name of the argument in the help text; undefined: the option takes none */
  argument?: string;
  /** value of the option without an argument, as in `--reorder` */
  implicitValue?: string;
  description: string;
}

/** Every option of `npm run simulate`, in the order the help shows them. */
export const FLAGS = {
  trucks: { argument: "N", description: "trucks with a GPS tracker (10)" },
  handling: { argument: "KIND,…", description: `how goods are handled (${HANDLING_KINDS.join(",")})` },
  gates: { argument: "N", description: "RFID portals at docks (2)" },
  shelves: { argument: "N", description: "shelves on a scale (10)" },
  "stock-outs": {
    argument: "10%",
    implicitValue: "10%",
    description: "shelves that run out, as their supplier is late",
  },
  "shelf-scans": { description: "people scan what they take from shelves and put on them" },
  "vehicle-data": { description: "each truck tells of its fuel, odometer, engine and driver" },
  "stock-play": { description: "plays a shortage, its order, its delivery and a theft, again and again (needs --api)" },
  trips: { description: "plans trips, of which every second errs (needs --api; always with --score)" },
  probes: { argument: "N", description: "temperature probes (4)" },
  "cold-boxes": {
    argument: "N",
    description: "boxes of cold goods with a logger, and a plan of excursions and gaps (0; --score: 4)",
  },
  rate: {
    argument: "N",
    description: "messages per second of all devices, sent whether or not acknowledged (open loop)",
  },
  duration: {
    argument: "TIME",
    description: "such as 90s or 5m (until Ctrl-C; with --score: simulated time, up to now)",
  },
  seed: { argument: "N", description: "the same seed gives the same world (1)" },
  qos: { argument: "0|1|2", description: "(1)" },
  batch: { argument: "N", description: "readings in one message (1; 100 of a track at --speed max)" },
  start: {
    argument: "TIME",
    description: "start of simulated time: ISO 8601, or -20m for 20 minutes ago (now; --score: -1h)",
  },
  speed: { argument: "N|max", description: "simulated seconds per second, never past the present (1; --score: 60)" },
  url: { argument: "URL", description: "broker (mqtt://127.0.0.1:1883)" },
  api: {
    argument: "URL",
    description: "API of the platform: registers the simulated world and counts stored readings",
  },
  token: { argument: "TOKEN", description: "for --api (default: signs in with ADMIN_EMAIL and ADMIN_PASSWORD)" },
  "token-file": { argument: "FILE", description: "holds the token; read before each request" },
  replay: { argument: "FILE", description: "replays a recorded track (GPX, CSV, JSON) as one truck" },
  device: { argument: "ID", description: "device of --replay (replay-1)" },
  secret: { argument: "SECRET", description: "of --device" },
  credentials: { argument: "FILE", description: "JSON object of device id to secret, for use without --api" },
  late: { argument: "5%", implicitValue: "5%", description: "readings sent 40 to 120 s late" },
  dup: { argument: "3%", implicitValue: "3%", description: "readings sent twice" },
  reorder: { argument: "2%", implicitValue: "2%", description: "readings that arrive after the next one" },
  drop: { argument: "2%", implicitValue: "2%", description: "readings never sent" },
  "stray-tags": { argument: "2%", implicitValue: "2%", description: "reads of tags at a neighbouring gate" },
  "read-rate": {
    argument: "65%",
    implicitValue: "65%",
    description: "probability that a tag answers one inventory round (65%)",
  },
  "gps-noise": { argument: "METRES", implicitValue: "8", description: "standard deviation (8)" },
  "scale-noise": { argument: "UNITS", implicitValue: "0.05", description: "standard deviation (0.05)" },
  drift: { argument: "UNITS", implicitValue: "0.5", description: "drift of a scale's zero per day (0.5)" },
  "clock-skew": {
    argument: "TIME",
    implicitValue: "30s",
    description: "largest error of a device's clock (0s; without a value: 30s)",
  },
  "no-fix": { argument: "1%", implicitValue: "1%", description: "fixes without satellites" },
  score: {
    description:
      "compares the API's answers with the ground truth; defaults to 200 trucks and all faults; without --api starts a temporary platform",
  },
  "max-p99": {
    argument: "MS",
    description: "exit 1 when the 99th percentile of the acknowledgement latency is higher",
  },
  json: { description: "print the final table as JSON" },
  help: { description: "prints this text" },
} as const satisfies Record<string, Flag>;

export type FlagName = keyof typeof FLAGS;

export function helpText(): string {
  const lines = Object.entries<Flag>(FLAGS).map(
    ([name, { argument, description }]) =>
      `  ${`--${name}${argument === undefined ? "" : ` ${argument}`}`.padEnd(24)}${description}`,
  );
  return `Simulates devices that publish over MQTT, in a world whose true state is known.

  npm run simulate -- --trucks 50 --shelves 100 --api http://127.0.0.1:8080 --token $TOKEN
  npm run simulate -- --trucks 500 --rate 1000 --duration 5m --max-p99 250 --url mqtt://broker:1883
  npm run simulate -- --trucks 20 --start -2h --speed 60 --late 5% --dup 3% --api http://127.0.0.1:8080 --token $TOKEN
  npm run simulate -- --score --seed 3
  npm run simulate -- --score --seed 3 --json --api http://127.0.0.1:8080 --token $TOKEN
  npm run simulate -- --replay drive.gpx --speed max --device truck-7 --secret $SECRET

${lines.join("\n")}
`;
}
