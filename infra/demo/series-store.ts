import { join } from "node:path";
import type { RawEnvironment } from "../config/environment.ts";
import { findInfluxd, startInfluxd } from "../influx/influxd.ts";
import type { ProcessContext } from "../runtime/lifecycle.ts";

/** The series store of a demo: INFLUX_URL if set, else an `influxd` on the path, else Postgres. */
export async function openSeriesStore({ config, components, log }: ProcessContext): Promise<{
  /** for the first lines of the output */
  name: string;
  /** environment variables with which the processes use it */
  environment: RawEnvironment;
}> {
  if (config.INFLUX_URL !== undefined) return { name: `InfluxDB at ${config.INFLUX_URL}`, environment: {} };
  const version = await findInfluxd();
  if (version === undefined) return { name: "Postgres partitions (no influxd on the path)", environment: {} };
  if (!version.startsWith("1.")) {
    return {
      name: `Postgres partitions (the influxd on the path is ${version}; the demo starts 1.x)`,
      environment: {},
    };
  }
  const influxd = components.register(
    "influxd",
    await startInfluxd(version, join(config.dataDirectory, "influxd"), log),
  );
  return {
    name: `InfluxDB ${version} (influxd on the path)`,
    environment: { INFLUX_URL: influxd.url, INFLUX_API: "v1" },
  };
}
