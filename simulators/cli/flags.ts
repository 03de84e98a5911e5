export interface Flag {
  /** what follows it, for the help; absent: nothing does */
  argument?: string;
  /** the value when nothing follows it: `--reorder` alone */
  implicitValue?: string;
  description: string;
}

/** Every option of `npm run simulate`, in the order the help shows them. */
export const FLAGS = {
  trucks: { argument: "N", description: "trucks with a GPS tracker (10)" },
  gates: { argument: "N", description: "RFID portals at docks (2)" },
  shelves: { argument: "N", description: "shelves on a scale (10)" },
  probes: { argument: "N", description: "temperature probes (4)" },
  rate: { argument: "N", description: "messages per second of all together, sent whether or not acknowledged" },
  duration: {
    argument: "TIME",
    description: "such as 90s or 5m (until Ctrl-C; --score: of the world's time, up to now)",
  },
  seed: { argument: "N", description: "the same seed gives the same world (1)" },
  qos: { argument: "0|1|2", description: "(1)" },
  batch: { argument: "N", description: "readings in one message (1; 100 of a track at --speed max)" },
  start: { argument: "TIME", description: "where simulated time begins: ISO 8601, or -20m ago (now; --score: -1h)" },
  speed: { argument: "N|max", description: "simulated seconds per second, never past the present (1; --score: 60)" },
  url: { argument: "URL", description: "broker (mqtt://127.0.0.1:1883)" },
  api: { argument: "URL", description: "platform that the world is set up in, and readings are counted in" },
  token: { argument: "TOKEN", description: "for --api (without: signs in with ADMIN_EMAIL and ADMIN_PASSWORD)" },
  "token-file": { argument: "FILE", description: "holds the token; read again when it changes" },
  replay: { argument: "FILE", description: "plays a recorded track (GPX, CSV, JSON) as one truck" },
  device: { argument: "ID", description: "device of --replay (replay-1)" },
  secret: { argument: "SECRET", description: "of --device" },
  credentials: { argument: "FILE", description: "JSON object of device id to secret, when there is no --api" },
  late: { argument: "5%", implicitValue: "5%", description: "readings sent 40 to 120 s late" },
  dup: { argument: "3%", implicitValue: "3%", description: "readings sent twice" },
  reorder: { argument: "2%", implicitValue: "2%", description: "readings that the next one overtakes" },
  drop: { argument: "2%", implicitValue: "2%", description: "readings never sent" },
  "stray-tags": { argument: "2%", implicitValue: "2%", description: "reads of a neighbour's tag" },
  "read-rate": { argument: "65%", implicitValue: "65%", description: "how often a tag answers (65%)" },
  "gps-noise": { argument: "METRES", implicitValue: "8", description: "standard deviation (8)" },
  "scale-noise": { argument: "UNITS", implicitValue: "0.05", description: "standard deviation (0.05)" },
  drift: { argument: "UNITS", implicitValue: "0.5", description: "of a scale's zero per day (0.5)" },
  "clock-skew": {
    argument: "TIME",
    implicitValue: "30s",
    description: "largest error of a device's clock (0s; alone: 30s)",
  },
  "no-fix": { argument: "1%", implicitValue: "1%", description: "fixes without satellites" },
  score: {
    description:
      "compare the API's answers with the world's truth; sets a company of 200 trucks that all faults befall, and without --api a platform of its own",
  },
  "max-p99": { argument: "MS", description: "exit 1 when 1 in 100 acknowledgements took longer" },
  json: { description: "print the final table as JSON" },
  help: { description: "this text" },
} as const satisfies Record<string, Flag>;

export type FlagName = keyof typeof FLAGS;

export function helpText(): string {
  const lines = Object.entries<Flag>(FLAGS).map(
    ([name, { argument, description }]) =>
      `  ${`--${name}${argument === undefined ? "" : ` ${argument}`}`.padEnd(24)}${description}`,
  );
  return `Simulated devices that publish over MQTT, in a world whose truth is known.

  npm run simulate -- --trucks 50 --shelves 100 --api http://127.0.0.1:8080 --token $TOKEN
  npm run simulate -- --trucks 500 --rate 1000 --duration 5m --max-p99 250 --url mqtt://broker:1883
  npm run simulate -- --trucks 20 --start -2h --speed 60 --late 5% --dup 3% --api http://127.0.0.1:8080 --token $TOKEN
  npm run simulate -- --score --seed 3
  npm run simulate -- --score --seed 3 --json --api http://127.0.0.1:8080 --token $TOKEN
  npm run simulate -- --replay drive.gpx --speed max --device truck-7 --secret $SECRET

${lines.join("\n")}
`;
}
