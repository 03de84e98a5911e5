import { useState } from "preact/hooks";
import { formatDateTime } from "../../labels/times.ts";
import { formatBytes } from "../../labels/quantities.ts";
import { postFile, remove } from "../../state/client.ts";
import { timeZone } from "../../state/clock.ts";
import { useStore } from "../../state/store.ts";
import { ConfirmButton } from "../controls/confirm-button.tsx";
import { ProblemText } from "../controls/problem-text.tsx";
import { useAll } from "../controls/use-load.ts";
import { useWrite } from "../controls/use-write.ts";

/** The path of a thing. */
export type AttachmentsOf = `/${"items" | "locations" | "parties" | "shipments" | "vehicles"}/${number}`;

/** Pictures that browsers show. */
const SHOWN = new Set(["image/jpeg", "image/png", "image/gif", "image/webp", "image/avif"]);

/** The pictures and files of a thing: seen, saved, added and removed. */
export function Attachments({ of, mayChange }: { of: AttachmentsOf; mayChange: boolean }) {
  const [version, setVersion] = useState(0);
  // All things have the same operations; the types are those of one.
  const path = of as `/items/${number}`;
  const loaded = useAll(`${path}/attachments`, version);
  const where = useStore(timeZone);
  const { busy, problem, run } = useWrite();
  const rows = loaded?.value ?? [];
  const changed = (isDone: boolean) => isDone && setVersion((before) => before + 1);
  async function add(input: HTMLInputElement): Promise<void> {
    const files = [...(input.files ?? [])];
    for (const file of files) {
      const isDone = await run(() =>
        postFile(`${path}/attachments?file_name=${encodeURIComponent(file.name)}`, "application/octet-stream", file),
      );
      changed(isDone);
      if (!isDone) break;
    }
    input.value = "";
  }
  if (rows.length === 0 && !mayChange && !loaded?.problem) return null;
  return (
    <section class="attachments" aria-label="Pictures and files">
      <h3>Pictures and files</h3>
      {loaded?.problem && <p class="problem">They could not be loaded: {loaded.problem}</p>}
      <ul>
        {rows.map(({ id, name, media_type: type, size_bytes: size, created_at: at }) => (
          <li key={id}>
            {SHOWN.has(type) && <img src={`${path}/attachments/${id}`} alt={name} loading="lazy" />}
            <span class="grow">
              <a href={`${path}/attachments/${id}`} download={name}>
                {name}
              </a>
              <span class="muted">
                {formatBytes(size)}, {formatDateTime(at, where)}
              </span>
            </span>
            {mayChange && (
              <ConfirmButton
                label="Remove"
                question={`Remove ${name}?`}
                disabled={busy}
                onConfirm={() => void run(() => remove(`${path}/attachments/${id}`)).then(changed)}
              />
            )}
          </li>
        ))}
      </ul>
      {mayChange && (
        <label class="file-field">
          Add pictures or files
          <input type="file" multiple disabled={busy} onChange={(event) => void add(event.currentTarget)} />
        </label>
      )}
      <ProblemText problem={problem} />
    </section>
  );
}
