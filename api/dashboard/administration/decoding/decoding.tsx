import type { Schemas } from "../../../client/index.ts";
import { post } from "../../state/client.ts";
import { DECODERS } from "../devices/device-fields.ts";
import { DecodeTag } from "./decode-tag.tsx";
import { Tool } from "./tool.tsx";

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
      <DecodeTag />
    </>
  );
}

const FORMS = [
  ["text", "text, as it is"],
  ["hex", "hex"],
  ["base64", "base64"],
] as const;
