import { useState } from "preact/hooks";
import { PIECE_STATE_LABELS } from "../../labels/status-labels.ts";
import { formatAge } from "../../labels/times.ts";
import { getAll } from "../../state/client.ts";
import { currentTime } from "../../state/clock.ts";
import { appData } from "../../state/live.ts";
import { detailKey, openDetail } from "../../state/navigation.ts";
import { useStore } from "../../state/store.ts";
import { useLoad } from "../controls/use-load.ts";
import { useRowKeys } from "../controls/use-row-keys.ts";
import { useReads } from "./use-reads.ts";

const MAX_PIECES = 200;

/** Single pieces, found by what a scanner reads from them. */
export function Serials() {
  const [code, setCode] = useState("");
  const now = useStore(currentTime);
  const { locations } = useStore(appData);
  const [reads] = useReads();
  const path = `/serials?limit=200${code === "" ? "" : `&code=${encodeURIComponent(code)}`}` as const;
  const loaded = useLoad(path, reads, (signal) => getAll(path, MAX_PIECES, signal));
  const { rows, complete } = loaded?.value ?? { rows: [], complete: true };
  const rowKeys = useRowKeys(rows.map(({ id }) => detailKey({ kind: "serial", id })));
  return (
    <>
      <div>
        <input
          class="search"
          type="search"
          aria-label="Serial, or scan the piece"
          placeholder="Serial, or scan the piece"
          value={code}
          onInput={(event) => setCode(event.currentTarget.value.trim())}
        />
      </div>
      {loaded === undefined && <p class="empty">Loading …</p>}
      {loaded?.problem && <p class="problem">The pieces could not be loaded: {loaded.problem}</p>}
      {loaded?.value && rows.length === 0 && (
        <p class="empty">
          {code === "" ? "No piece with a serial was scanned or read yet." : "No piece has this serial."}
        </p>
      )}
      {rows.length > 0 && (
        <table class="list">
          <caption class="hidden">Pieces with a serial</caption>
          <thead>
            <tr>
              <th scope="col">Serial</th>
              <th scope="col">Where</th>
              <th scope="col" class="number">
                Since
              </th>
            </tr>
          </thead>
          <tbody onKeyDown={rowKeys.onKeyDown}>
            {rows.map((piece) => (
              <tr key={piece.id}>
                <th scope="row">
                  <button
                    type="button"
                    class="link opener"
                    {...rowKeys.opener(detailKey({ kind: "serial", id: piece.id }))}
                    onClick={() => openDetail({ kind: "serial", id: piece.id })}
                  >
                    {piece.serial}
                  </button>
                  <span class="kind">{piece.name}</span>
                </th>
                <td>
                  {piece.state === null ? "not known" : PIECE_STATE_LABELS[piece.state]}{" "}
                  {piece.location_id !== null &&
                    (locations.get(piece.location_id)?.name ?? `location ${piece.location_id}`)}
                </td>
                <td class="number">{piece.since !== null && formatAge(piece.since, now)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {!complete && <p class="empty">There are more pieces than this page loads: type or scan a serial.</p>}
    </>
  );
}
