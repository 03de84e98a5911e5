import { useState } from "preact/hooks";
import { formatDuration } from "../../labels/times.ts";
import { getAll } from "../../state/client.ts";
import { useLoad } from "../controls/use-load.ts";

const MAX_ROWS = 500;
const MINUTE_MS = 60_000;

interface Lane {
  /** both undefined: all lanes */
  originId?: number;
  destinationId?: number;
}

/** How far the estimated arrivals may be trusted: opened on demand. */
export function EtaQualityTable({ originId, destinationId }: Lane) {
  const [isOpen, setOpen] = useState(false);
  const isOneLane = originId !== undefined && destinationId !== undefined;
  return (
    <details class="eta-quality" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>How good were the estimates {isOneLane ? "of this lane" : "of arrivals"}?</summary>
      {isOpen && (
        <Quality
          query={isOneLane ? `origin_id=${originId}&destination_id=${destinationId}` : ""}
          isOneLane={isOneLane}
        />
      )}
    </details>
  );
}

function Quality({ query, isOneLane }: { query: string; isOneLane: boolean }) {
  const path = `/analytics/eta-quality?limit=200&${query}` as const;
  const read = useLoad(path, "", (signal) => getAll(path, MAX_ROWS, signal));
  if (read === undefined) return <p class="empty">Loading …</p>;
  if (read.problem !== null) return <p class="problem">The quality could not be loaded: {read.problem}</p>;
  const { rows, complete } = read.value;
  if (rows.length === 0) {
    return (
      <p class="empty">
        Nothing to compare yet: an estimate counts once its vehicle was seen to leave the one place and arrive at the
        other.
      </p>
    );
  }
  return (
    <>
      <p class="muted">
        Each estimate is compared with the arrival that came true. Nine of ten should arrive by the later time that is
        told.
      </p>
      <div class="wide">
        <table class="list">
          <caption class="hidden">Quality of estimated arrivals</caption>
          <thead>
            <tr>
              {!isOneLane && <th scope="col">Lane</th>}
              <th scope="col">Made</th>
              <th scope="col" class="number">
                Half wrong by less than
              </th>
              <th scope="col" class="number">
                Of the time left
              </th>
              <th scope="col" class="number">
                Nine of ten kept
              </th>
              <th scope="col" class="number">
                Estimates
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.id}>
                {!isOneLane && (
                  <th scope="row">
                    {row.origin_name} → {row.destination_name}
                  </th>
                )}
                <td>up to {formatDuration(row.horizon_minutes * MINUTE_MS)} before</td>
                <td class="number">{row.median_error_minutes} min</td>
                <td class="number">{row.median_error_percent} %</td>
                <td class="number">{row.p90_coverage_percent} %</td>
                <td class="number">{row.estimates}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {!complete && <p class="empty">The first {MAX_ROWS} rows are shown; the CSV has all.</p>}
      <p>
        <a href={`/analytics/eta-quality.csv?${query}`} download="eta-quality.csv">
          Export as CSV
        </a>
      </p>
    </>
  );
}
