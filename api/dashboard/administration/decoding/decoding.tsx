import type { Schemas } from "../../../client/index.ts";
import { useAll } from "../../panels/controls/use-load.ts";
import { post } from "../../state/client.ts";
import { DECODERS } from "../devices/device-fields.ts";
import { DecodeTag } from "./decode-tag.tsx";
import { Tool } from "./tool.tsx";

/** What a message or a tag means, without storing anything. */
export function Decoding() {
  const profiles = useAll("/device-profiles?limit=200", 0);
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
          {
            name: "profile",
            label: "As of a device with this profile",
            type: "id",
            options: (profiles?.value ?? []).map(({ id, name }) => [id, name] as const),
          },
        ]}
        send={({ decoder, form, message, topic, profile }) => {
          const sample = { [String(form)]: message, topic } as Schemas["DecoderSample"];
          const path = `/decoders/${String(decoder)}/test` as const;
          return typeof profile === "number" ? post(`${path}?profile_id=${profile}`, sample) : post(path, sample);
        }}
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
