import { Counter, type Metric, type Registry } from "prom-client";

/** Seconds: from what a response of the cache takes to the time limit of a statement. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);
const DURATION = "waystock_http_request_duration_seconds";

/** Requests of one method and endpoint. */
interface Requests {
  method: string;
  route: string;
  /** by status */
  answered: Map<number, number>;
  /** for each bucket, those that took longer than the bucket before and not longer than this one; then the rest */
  durations: number[];
  seconds: number;
}

export interface RequestMetrics {
  /** @param route of the endpoint, e.g. `/shipments/{id}`; undefined: a file of the page, or nothing that exists */
  observe(method: string, route: string | undefined, status: number, ms: number): void;
}

/**
 * Counts and times requests. Labels have as many values as there are endpoints: no text of a client becomes one. The library
 * takes 12 µs to put labels in order for a request, a quarter of what a cached response takes, so it sees sums at a scrape only.
 */
export function createRequestMetrics(registry: Registry): RequestMetrics {
  const all = new Map<string, Requests>();
  const requests: Counter = new Counter({
    name: "waystock_http_requests_total",
    help: "HTTP requests that were answered",
    labelNames: ["method", "route", "status"],
    registers: [registry],
    collect() {
      requests.reset();
      for (const { method, route, answered } of all.values()) {
        for (const [status, count] of answered) requests.inc({ method, route, status }, count);
      }
    },
  });
  registry.registerMetric(durationsOf(all) as unknown as Metric);
  return {
    observe(given, path, status, ms) {
      const method = METHODS.has(given) ? given : "other";
      const route = path ?? "other";
      const name = `${method} ${route}`;
      let found = all.get(name);
      if (!found) {
        found = { method, route, answered: new Map(), durations: Array(BUCKETS.length + 1).fill(0), seconds: 0 };
        all.set(name, found);
      }
      found.answered.set(status, (found.answered.get(status) ?? 0) + 1);
      const seconds = ms / 1_000;
      found.seconds += seconds;
      let bucket = 0;
      while (bucket < BUCKETS.length && seconds > BUCKETS[bucket]!) bucket += 1;
      found.durations[bucket]! += 1;
    },
  };
}

/** A histogram as the library's registry reads it. */
function durationsOf(all: ReadonlyMap<string, Requests>) {
  const described = {
    name: DURATION,
    help: "Time until the answer began; of a stream, until it was open",
    type: "histogram",
    aggregator: "sum",
  };
  return {
    ...described,
    reset: () => undefined,
    get: async () => ({ ...described, values: [...all.values()].flatMap(seriesOf) }),
  };
}

function seriesOf({ method, route, durations, seconds }: Requests) {
  let sum = 0;
  const buckets = durations.map((count, at) => {
    sum += count;
    return { metricName: `${DURATION}_bucket`, labels: { le: BUCKETS[at] ?? "+Inf", method, route }, value: sum };
  });
  return [
    ...buckets,
    { metricName: `${DURATION}_sum`, labels: { method, route }, value: seconds },
    { metricName: `${DURATION}_count`, labels: { method, route }, value: sum },
  ];
}
