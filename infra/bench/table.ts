/** One row of the result. Undefined means not measured. */
export interface Row {
  what: string;
  load: string;
  perSecond?: number | undefined;
  /** milliseconds */
  p50?: number | undefined;
  p99?: number | undefined;
  /** milliseconds from the last PUBACK until everything was derived and stored */
  lagMs?: number | undefined;
  /** CPU seconds per million readings, by process */
  cpu?: Record<string, number> | undefined;
  note?: string | undefined;
}

const COLUMNS: [title: string, of: (row: Row) => string][] = [
  ["What", (row) => row.what],
  ["Load", (row) => row.load],
  ["per second", ({ perSecond }) => (perSecond === undefined ? "" : Math.round(perSecond).toLocaleString("en-US"))],
  ["p50 ms", ({ p50 }) => rounded(p50)],
  ["p99 ms", ({ p99 }) => rounded(p99)],
  ["lag at the end", ({ lagMs }) => (lagMs === undefined ? "" : `${(lagMs / 1000).toFixed(2)} s`)],
  [
    "CPU s per million",
    ({ cpu = {} }) =>
      Object.entries(cpu)
        .map(([name, used]) => `${name} ${used.toFixed(1)}`)
        .join(", "),
  ],
  ["", ({ note }) => note ?? ""],
];

/** The rows as a Markdown table. */
export function markdownTable(rows: readonly Row[]): string {
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  const titles = COLUMNS.map(([title]) => title);
  return [
    line(titles),
    line(titles.map(() => "---")),
    ...rows.map((row) => line(COLUMNS.map(([, of]) => of(row)))),
  ].join("\n");
}

function rounded(value: number | undefined): string {
  return value === undefined ? "" : value.toFixed(value < 10 ? 1 : 0);
}

/** The median of every figure over several rounds of the same row. */
export function medianRow(rounds: readonly Row[]): Row {
  const [first] = rounds;
  if (first === undefined) throw new RangeError("no round was measured");
  const of = (figure: (row: Row) => number | undefined) =>
    median(rounds.map(figure).filter((value) => value !== undefined));
  const names = Object.keys(first.cpu ?? {});
  return {
    what: first.what,
    load: first.load,
    perSecond: of((row) => row.perSecond),
    p50: of((row) => row.p50),
    p99: of((row) => row.p99),
    lagMs: of((row) => row.lagMs),
    cpu: first.cpu && Object.fromEntries(names.map((name) => [name, of((row) => row.cpu?.[name]) ?? 0])),
    note: first.note,
  };
}

export function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
