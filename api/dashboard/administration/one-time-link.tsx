import { useState } from "preact/hooks";
import { formatDateTime } from "../labels/times.ts";
import { timeZone } from "../state/clock.ts";
import { useStore } from "../state/store.ts";
import type { OneTimeLink } from "./users/user.ts";

/** Shows a link that works once, to be copied now: it cannot be shown again. */
export function OneTimeLinkBox({ label, value }: { label: string; value: OneTimeLink }) {
  const where = useStore(timeZone);
  const [copied, setCopied] = useState(false);
  async function copy(): Promise<void> {
    await navigator.clipboard.writeText(value.link);
    setCopied(true);
  }
  return (
    <section class="one-time-link" role="status" aria-label={label}>
      <p>
        <strong>{label}</strong> Hand it on yourself: no mail is sent. It is shown only now, works once, and until{" "}
        {formatDateTime(value.expires_at, where)}.
      </p>
      <div class="copy">
        <input readOnly value={value.link} aria-label="Link" onFocus={(event) => event.currentTarget.select()} />
        {/* Browsers have a clipboard on HTTPS and on this machine only. */}
        {"clipboard" in navigator && (
          <button type="button" onClick={() => void copy()}>
            {copied ? "Copied" : "Copy"}
          </button>
        )}
      </div>
    </section>
  );
}
