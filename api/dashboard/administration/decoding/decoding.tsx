import { useState } from "preact/hooks";
import { type FieldsOf, RecordForm } from "../../panels/controls/record-form.tsx";
import type { Schemas } from "../../../client/index.ts";
import { get, post } from "../../state/client.ts";
import { DECODERS } from "../devices/device-fields.ts";

/** What a message or a tag means, without storing anything. */
export function Decoding() {
  return (
    <>
      <Tool
        label="Decode a message"
        fields={[
          {
            name: "decoder",
            label: "Format",
            options: DECODERS.map((name) => [name, name]),
            required: true,
            value: "native",
          },
          { name: "form", label: "Given as", options: FORMS, required: true, value: "text" },
          {
            name: "message",
            label: "Message",
            type: "long",
            required: true,
            placeholder: '{"ts": 1764331200000, "grams": 2000}',
          },
          { name: "topic", label: "Topic that it would arrive on", placeholder: "devices/scale-1/scale" },
        ]}
        send={({ decoder, form, message, topic }) =>
          post(`/decoders/${String(decoder)}/test`, { [String(form)]: message, topic } as Schemas["DecoderSample"])
        }
      />
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
    </>
  );
}

const FORMS = [
  ["text", "text, as it is"],
  ["hex", "hex"],
  ["base64", "base64"],
] as const;

interface ToolProps {
  label: string;
  fields: FieldsOf<Record<string, unknown>>;
  send: (body: Record<string, unknown>) => Promise<unknown>;
}

/** A form, and the server's answer below it. */
function Tool({ label, fields, send }: ToolProps) {
  const [answer, setAnswer] = useState<unknown>();
  return (
    <section class="card" aria-label={label}>
      <h2>{label}</h2>
      <RecordForm
        label={label}
        action="Decode"
        fields={fields}
        onSubmit={async (body) => setAnswer(await send(body))}
      />
      {answer !== undefined && (
        <pre class="answer" role="status">
          {JSON.stringify(answer, null, 2)}
        </pre>
      )}
    </section>
  );
}
