import { useState } from "preact/hooks";

/** A text that is to be copied, with a button that does so. */
export function CopyField({ name, value }: { name: string; value: string }) {
  const [copied, setCopied] = useState(false);
  async function copy(): Promise<void> {
    await navigator.clipboard.writeText(value);
    setCopied(true);
  }
  return (
    <div class="copy">
      <label>
        {name}
        <input readOnly value={value} onFocus={(event) => event.currentTarget.select()} />
      </label>
      {/* Browsers have a clipboard on HTTPS and on this machine only. */}
      {"clipboard" in navigator && (
        <button type="button" aria-label={`Copy ${name}`} onClick={() => void copy()}>
          {copied ? "Copied" : "Copy"}
        </button>
      )}
    </div>
  );
}
