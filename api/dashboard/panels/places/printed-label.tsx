import { Action } from "../controls/action.tsx";

const FORMATS = [
  ["PDF", "pdf"],
  ["SVG", "svg"],
  ["ZPL, 203 dpi", "zpl"],
  ["ZPL, 300 dpi", "zpl&dpi=300"],
] as const;

/** The label to stick on a place or a product: as it looks, and the files that printers take. */
export function PrintedLabel({ of }: { of: string }) {
  const address = `${of}/label?format=`;
  return (
    <Action label="Label">
      {() => (
        <>
          <img
            class="printed-label"
            src={`${address}svg`}
            alt="Label with bars and a QR code"
            width="400"
            height="200"
          />
          <p class="label-files">
            {FORMATS.map(([name, format]) => (
              <a key={format} href={`${address}${format}`} target="_blank" rel="noreferrer">
                {name}
              </a>
            ))}
          </p>
        </>
      )}
    </Action>
  );
}
