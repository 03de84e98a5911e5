import { Counter, Gauge, type Registry } from "prom-client";

/** Numbers that a process of this node has reported, by name; with a label, by name and the label's value. */
export type Figures = Readonly<Record<string, number | Readonly<Record<string, number>>>>;
/** The newest figures by process (`broker`, `ingest`, `api`), with their age. */
export type FigureReports = Readonly<Record<string, { figures: Figures; ageMs: number }>>;

interface NodeMetric {
  name: string;
  type: "counter" | "gauge";
  help: string;
  /** what its parts are told by */
  label?: string;
}

/** What one process of a node reports, by the name of the figure. */
const OF_ONE_PROCESS: Readonly<Record<string, NodeMetric>> = {
  mqtt_connections: {
    name: "waystock_mqtt_connections",
    type: "gauge",
    help: "MQTT connections that are open",
  },
  messages_accepted: {
    name: "waystock_messages_accepted_total",
    type: "counter",
    help: "Messages that are in the journal, of MQTT, HTTP and the bridge",
  },
  journal_bytes: {
    name: "waystock_journal_size_bytes",
    type: "gauge",
    help: "Bytes in all segments of the journal",
  },
  journal_pending: {
    name: "waystock_journal_pending_messages",
    type: "gauge",
    help: "Messages that are appended and not yet on disk",
  },
  puback_delay_seconds: {
    name: "waystock_puback_delay_seconds",
    type: "gauge",
    help: "The least time between two flushes; above 0 while ingest is far behind",
  },
  readings_stored: {
    name: "waystock_readings_stored_total",
    type: "counter",
    help: "Readings that were new",
  },
  readings_duplicate: {
    name: "waystock_readings_duplicate_total",
    type: "counter",
    help: "Readings that were repeats",
  },
  readings_late: {
    name: "waystock_readings_late_total",
    type: "counter",
    help: "Readings more than 30 s older than the newest of their device; counted as stored too",
  },
  quarantined: {
    name: "waystock_quarantined_total",
    type: "counter",
    help: "Messages and readings that went to quarantine",
  },
  batches: {
    name: "waystock_ingest_batches_total",
    type: "counter",
    help: "Batches that were committed",
  },
  batch_conflicts: {
    name: "waystock_ingest_conflicts_total",
    type: "counter",
    help: "Batches that were folded again, because something they concern had changed",
  },
  ingest_lag_bytes: {
    name: "waystock_ingest_lag_bytes",
    type: "gauge",
    help: "Bytes of the journal that a consumer has not committed",
    label: "consumer",
  },
  ingest_lag_seconds: {
    name: "waystock_ingest_lag_seconds",
    type: "gauge",
    help: "Everything that was received before so many seconds is derived and stored",
  },
  late_signals: {
    name: "waystock_late_signals_waiting",
    type: "gauge",
    help: "Signals with late readings that wait to be derived again",
  },
};

/** What every process reports of itself; told apart by the label `process`. */
const OF_EACH_PROCESS: Readonly<Record<string, NodeMetric>> = {
  cpu_seconds: {
    name: "waystock_process_cpu_seconds_total",
    type: "counter",
    help: "CPU time of a process",
  },
  uptime_seconds: {
    name: "waystock_process_uptime_seconds",
    type: "gauge",
    help: "Time since a process was started",
  },
  resident_bytes: {
    name: "waystock_process_resident_memory_bytes",
    type: "gauge",
    help: "Memory of a process that is in RAM",
  },
  heap_bytes: {
    name: "waystock_process_heap_bytes",
    type: "gauge",
    help: "Memory of a process that JavaScript objects use",
  },
  external_bytes: {
    name: "waystock_process_external_memory_bytes",
    type: "gauge",
    help: "Memory of a process that buffers use",
  },
  event_loop_lag_seconds: {
    name: "waystock_process_event_loop_lag_seconds",
    type: "gauge",
    help: "How late the event loop of a process comes to its work, as quantiles of the last second (of the API: since the last scrape)",
    label: "quantile",
  },
  postgres_connections: {
    name: "waystock_postgres_connections",
    type: "gauge",
    help: "Connections of a process to Postgres",
    label: "state",
  },
  postgres_waiting: {
    name: "waystock_postgres_waiting",
    type: "gauge",
    help: "Queries of a process that wait for a connection",
  },
};

/** Registers what the processes of this node report. A process that has not reported yet is not shown. */
export function registerNodeMetrics(registry: Registry, read: () => FigureReports): void {
  let known: FigureReports | undefined;
  // All metrics of a scrape are collected in one turn, and show the same reports.
  const reports = (): FigureReports => {
    if (known === undefined) setImmediate(() => (known = undefined));
    return (known ??= read());
  };
  for (const [figure, metric] of Object.entries(OF_ONE_PROCESS)) register(registry, reports, figure, metric, false);
  for (const [figure, metric] of Object.entries(OF_EACH_PROCESS)) register(registry, reports, figure, metric, true);
  const age = new Gauge({
    name: "waystock_process_report_age_seconds",
    help: "Age of what a process has reported last; it reports every second",
    labelNames: ["process"],
    registers: [registry],
    collect() {
      this.reset();
      for (const [process, { ageMs }] of Object.entries(reports())) this.set({ process }, ageMs / 1_000);
    },
  });
  age.reset();
}

function register(
  registry: Registry,
  reports: () => FigureReports,
  figure: string,
  { name, type, help, label }: NodeMetric,
  ofEach: boolean,
): void {
  const labelNames = [...(ofEach ? ["process"] : []), ...(label === undefined ? [] : [label])];
  const values = function* (): Generator<[Record<string, string>, number]> {
    for (const [process, { figures }] of Object.entries(reports())) {
      const value = figures[figure];
      if (value === undefined) continue;
      const of = ofEach ? { process } : {};
      if (typeof value === "number") yield [of, value];
      else for (const [part, each] of Object.entries(value)) yield [label ? { ...of, [label]: part } : of, each];
    }
  };
  const options = { name, help, labelNames, registers: [registry] };
  // Totals come from the process that counts: each scrape sets them anew.
  if (type === "counter") {
    const counter: Counter = new Counter({
      ...options,
      collect() {
        counter.reset();
        for (const [labels, value] of values()) counter.inc(labels, value);
      },
    });
  } else {
    const gauge: Gauge = new Gauge({
      ...options,
      collect() {
        gauge.reset();
        for (const [labels, value] of values()) gauge.set(labels, value);
      },
    });
  }
}
