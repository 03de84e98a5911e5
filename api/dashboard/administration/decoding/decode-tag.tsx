import { get } from "../../state/client.ts";
import { Tool } from "./tool.tsx";

/** What a tag or a code says. Everybody may ask: managers find it in Administration, and all on the page of their account. */
export function DecodeTag() {
  return (
    <Tool
      label="Decode a tag or code"
      fields={[
        { name: "epc", label: "Hex or base64 of a tag, EPC URI, or GS1 Digital Link", required: true },
        { name: "filter", label: "Filter value, 0 to 7", pattern: "[0-7]" },
        { name: "company_prefix_length", label: "Digits of the company prefix, 6 to 12", pattern: "[6-9]|1[0-2]" },
      ]}
      send={({ epc, ...hints }) =>
        get(
          `/epc/${encodeURIComponent(String(epc))}?${new URLSearchParams(hints as Record<string, string>).toString()}`,
        )
      }
    />
  );
}
