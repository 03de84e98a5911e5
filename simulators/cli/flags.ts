export interface Flag {
  /** what follows it, for the help; absent: nothing does */
  takes?: string;
  /** the value when nothing follows it: `--reorder` alone */
  alone?: string;
  means: string;
}

/** Every option of `npm run simulate`, in the order the help shows them. */
export const FLAGS = {
  trucks: { takes: "N", means: "trucks with a GPS tracker (10)" },
  gates: { takes: "N", means: "RFID portals at docks (2)" },
  shelves: { takes: "N", means: "shelves on a scale (10)" },
  probes: { takes: "N", means: "temperature probes (4)" },
  rate: { takes: "N", means: "messages per second of all together, sent whether or not acknowledged" },
  duration: { takes: "TIME", means: "such as 90s or 5m (until Ctrl-C; --score: of the world's time, up to now)" },
  seed: { takes: "N", means: "the same seed gives the same world (1)" },
  qos: { takes: "0|1|2", means: "(1)" },
  batch: { takes: "N", means: "readings in one message (1; 100 of a track at --speed max)" },
  start: { takes: "TIME", means: "where simulated time begins: ISO 8601, or -20m ago (now; --score: -1h)" },
  speed: { takes: "N|max", means: "simulated seconds per second, never past the present (1; --score: 60)" },
  url: { takes: "URL", means: "broker (mqtt://127.0.0.1:1883)" },
  api: { takes: "URL", means: "platform that the world is set up in, and readings are counted in" },
  token: { takes: "TOKEN", means: "for --api (without: signs in with ADMIN_EMAIL and ADMIN_PASSWORD)" },
  "token-file": { takes: "FILE", means: "holds the token; read again when it changes" },
  replay: { takes: "FILE", means: "plays a recorded track (GPX, CSV, JSON) as one truck" },
  device: { takes: "ID", means: "device of --replay (replay-1)" },
  secret: { takes: "SECRET", means: "of --device" },
  credentials: { takes: "FILE", means: "JSON object of device id to secret, when there is no --api" },
  late: { takes: "5%", alone: "5%", means: "readings sent 40 to 120 s late" },
  dup: { takes: "3%", alone: "3%", means: "readings sent twice" },
  reorder: { takes: "2%", alone: "2%", means: "readings that the next one overtakes" },
  drop: { takes: "2%", alone: "2%", means: "readings never sent" },
  "stray-tags": { takes: "2%", alone: "2%", means: "reads of a neighbour's tag" },
  "read-rate": { takes: "65%", alone: "65%", means: "how often a tag answers (65%)" },
  "gps-noise": { takes: "METRES", alone: "8", means: "standard deviation (8)" },
  "scale-noise": { takes: "UNITS", alone: "0.05", means: "standard deviation (0.05)" },
  drift: { takes: "UNITS", alone: "0.5", means: "of a scale's zero per day (0.5)" },
  "clock-skew": { takes: "TIME", alone: "30s", means: "largest error of a device's clock (0s; alone: 30s)" },
  "no-fix": { takes: "1%", alone: "1%", means: "fixes without satellites" },
  score: {
    means:
      "compare the API's answers with the world's truth; sets a company of 200 trucks that all faults befall, and without --api a platform of its own",
  },
  "max-p99": { takes: "MS", means: "exit 1 when 1 in 100 acknowledgements took longer" },
  json: { means: "print the final table as JSON" },
  help: { means: "this text" },
} as const satisfies Record<string, Flag>;

export type FlagName = keyof typeof FLAGS;

export function helpText(): string {
  const lines = Object.entries<Flag>(FLAGS).map(
    ([name, { takes, means }]) => `  ${`--${name}${takes === undefined ? "" : ` ${takes}`}`.padEnd(24)}${means}`,
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
