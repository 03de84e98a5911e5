import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

/** A key that types something into a field. */
const types = ({ key, ctrlKey, altKey, metaKey }: KeyboardEvent): boolean =>
  key.length === 1 && key !== " " && !ctrlKey && !altKey && !metaKey;

/**
 * Where a scanner types what it reads, and Enter. What it types while nothing that takes text has the focus comes here too: nobody has
 * to touch the field between two scans. Scans that come while one is being booked wait for it.
 */
export function ScanField({ busy, onScan }: { busy: boolean; onScan: (code: string) => void }) {
  const field = useRef<HTMLInputElement>(null);
  const [waiting, setWaiting] = useState<readonly string[]>([]);
  // A layout effect sees what was just rendered. An effect that waits for the paint may run when `busy` is true already, with the values
  // of the render before: then two scans are booked at once, the second for the goods of the first.
  useLayoutEffect(() => {
    const [next] = waiting;
    if (busy || next === undefined) return;
    setWaiting((now) => now.slice(1));
    onScan(next);
  }, [busy, waiting]);
  useEffect(() => {
    field.current?.focus();
    const take = (event: KeyboardEvent) => {
      const { target } = event;
      const isText = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
      if (!isText && !(target instanceof HTMLSelectElement) && types(event)) field.current?.focus();
    };
    addEventListener("keydown", take);
    return () => removeEventListener("keydown", take);
  }, []);
  return (
    <form
      class="scan"
      aria-label="Scan"
      onSubmit={(event) => {
        event.preventDefault();
        const code = field.current?.value.trim() ?? "";
        if (code === "") return;
        field.current!.value = "";
        setWaiting((before) => [...before, code]);
      }}
    >
      <label>
        Scan the place, or another product
        <input ref={field} autocomplete="off" autocapitalize="off" spellcheck={false} enterkeyhint="done" />
      </label>
    </form>
  );
}
