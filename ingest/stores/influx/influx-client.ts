/** One series of an answer to a query; times in epoch milliseconds. */
export interface InfluxSeries {
  tags?: Record<string, string>;
  columns: string[];
  values: (string | number | boolean | null)[][];
}

/** The connection to InfluxDB as this folder needs it (infra/influx/connection.ts). */
export interface InfluxClient {
  /** @throws an error with the HTTP `status` of a refusal */
  write(lines: readonly string[]): Promise<void>;
  /** @param influxQl a query in InfluxQL, which InfluxDB 1.x, 2.x and 3 Core answer */
  query(influxQl: string): Promise<InfluxSeries[]>;
}
