// A program that owns an influxd, for tests that kill it: `influxd-owner.ts DIRECTORY`. Prints {url} when it is ready.
import { pino } from "pino";
import { findInfluxd, startInfluxd } from "../../infra/influx/influxd.ts";

const [directory] = process.argv.slice(2);
if (directory === undefined) throw new Error("usage: influxd-owner.ts DIRECTORY");
const version = await findInfluxd();
if (version === undefined) throw new Error("there is no influxd on the path");
const influxd = await startInfluxd(version, directory, pino({ level: "warn" }, pino.destination(2)));
process.once("SIGTERM", () => void influxd.close().then(() => process.exit(0)));
console.log(JSON.stringify({ url: influxd.url, version }));
setInterval(() => undefined, 60_000);
