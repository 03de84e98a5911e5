import type { Config } from "../config/config.ts";
import { connectInflux, type InfluxConnection, type InfluxSettings } from "./connection.ts";

/** The series store of the configuration; undefined when Postgres holds the series. */
export function influxSettings(config: Config): InfluxSettings | undefined {
  if (config.INFLUX_URL === undefined) return undefined;
  return {
    url: config.INFLUX_URL,
    api: config.INFLUX_API,
    token: config.INFLUX_TOKEN,
    org: config.INFLUX_ORG,
    bucket: config.INFLUX_BUCKET,
    username: config.INFLUX_USERNAME,
    password: config.INFLUX_PASSWORD,
  };
}

/**
 * A connection that is opened at its first use; after a failure the next use tries again. So a process starts and does
 * its other work while the series store is down.
 */
export function connectLazily(settings: InfluxSettings): Omit<InfluxConnection, "version"> {
  let connection: Promise<InfluxConnection> | undefined;
  const connected = () => {
    connection ??= connectInflux(settings).catch((error: unknown) => {
      connection = undefined;
      throw error;
    });
    return connection;
  };
  return {
    write: async (lines) => (await connected()).write(lines),
    query: async (influxQl) => (await connected()).query(influxQl),
    ping: async () => (await connected()).ping(),
  };
}
