import { z } from "@hono/zod-openapi";
import { parseUplinkTopic } from "../../../broker/contract/topics.ts";
import { MAX_MESSAGE_BYTES } from "../../../broker/contract/readings.ts";
import { decoderFor } from "../../../ingest/decoders/index.ts";
import { describeEpc } from "../../../ingest/domain/gs1/describe-epc.ts";
import { MANAGEMENT, SIGNED_IN } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { sampleTopic } from "./sample-topic.ts";
import { invalid, notFound } from "../../http/problem.ts";

const tag = "Decoding";

/** Bytes as hex, base64 or text, and the topic they would come on. */
const FORMS = ["hex", "base64", "text", "json"] as const;
const asked = z
  .strictObject({
    hex: z
      .string()
      .regex(/^(?:[0-9a-fA-F]{2})*$/, "expected pairs of hex digits")
      .optional(),
    base64: z.base64().optional(),
    text: z.string().optional(),
    json: z.unknown().optional(),
    topic: z.string().max(256).optional(),
  })
  .refine((given) => FORMS.filter((form) => given[form] !== undefined).length === 1, {
    message: `expected one of ${FORMS.join(", ")}`,
  });
/** JSON that says nothing of these is the message itself, as a device sends it. */
const sample = z.preprocess((value) => (isAsked(value) ? value : { json: value }), asked).openapi("DecoderSample");

const isAsked = (value: unknown): boolean =>
  typeof value === "object" && value !== null && FORMS.some((form) => Object.hasOwn(value, form));

function bytesOf({ hex, base64, text, json }: z.output<typeof asked>): Buffer {
  if (hex !== undefined) return Buffer.from(hex, "hex");
  if (base64 !== undefined) return Buffer.from(base64, "base64");
  return Buffer.from(text ?? JSON.stringify(json), "utf8");
}

const readBytes = (bytes: Buffer) => ({ base64: bytes.toString("base64") });

const decoded = z
  .object({ readings: z.array(z.unknown()), rejections: z.array(z.unknown()), warnings: z.array(z.string()) })
  .openapi("Decoded");

const epcQuery = z.strictObject({
  filter: z
    .string()
    .regex(/^[0-7]$/, "expected 0 to 7")
    .transform(Number)
    .optional()
    .openapi({ type: "integer" }),
  company_prefix_length: z
    .string()
    .regex(/^(?:[6-9]|1[0-2])$/, "expected 6 to 12")
    .transform(Number)
    .optional()
    .openapi({ type: "integer" }),
});

/** To see what a message or a tag means without sending it. */
export function registerDecoding(endpoints: Endpoints, companyPrefix: string | undefined): void {
  endpoints.mutate(
    {
      route: "POST /decoders/{name}/test",
      access: MANAGEMENT,
      tag,
      summary: "What a decoder makes of a message; nothing is stored",
      params: z.strictObject({
        name: z
          .string()
          .max(64)
          .openapi({ param: { name: "name", in: "path" } }),
      }),
      body: sample,
      alternativeBody: { type: "application/octet-stream", read: readBytes, unlabelled: true },
      response: decoded,
    },
    async ({ params, body }) => {
      const decode = decoderFor(params.name);
      if (!decode) throw notFound("decoder");
      const payload = bytesOf(body);
      if (payload.length > MAX_MESSAGE_BYTES) throw invalid("", `a message has at most ${MAX_MESSAGE_BYTES} bytes`);
      const topic = body.topic ?? sampleTopic(params.name, payload);
      const deviceId = parseUplinkTopic(topic)?.deviceId ?? "test";
      const { readings, rejections, warnings } = decode({ topic, deviceId, payload, receivedAt: Date.now() });
      const flat = readings.map(({ kind, content }) => ({ ...content, kind, ts: new Date(content.ts) }));
      return { status: 200, body: { readings: flat, rejections, warnings } };
    },
  );
  endpoints.read(
    {
      route: "GET /epc/{epc}",
      access: SIGNED_IN,
      tag,
      summary: "What a tag says: from hex, base64, EPC URI or Digital Link",
      params: z.strictObject({
        epc: z
          .string()
          .max(512)
          .openapi({ param: { name: "epc", in: "path" } }),
      }),
      query: epcQuery,
      response: z.looseObject({ scheme: z.string(), uri: z.string() }).openapi("Epc"),
    },
    async ({ params, query }) => {
      const hints = { filter: query.filter, companyPrefixLength: query.company_prefix_length, companyPrefix };
      const description = describeEpc(params.epc, hints);
      if (!description)
        throw invalid("/epc", "neither the bits of a tag, nor an EPC URI, nor a Digital Link of a single thing");
      return { status: 200, body: description };
    },
  );
}
