import { z } from "@hono/zod-openapi";
import { MAX_MESSAGE_BYTES } from "../../../broker/contract/readings.ts";
import { parseUplinkTopic } from "../../../broker/contract/topics.ts";
import type { Rejection } from "../../../ingest/decoders/decoder.ts";
import { flattened } from "../../../ingest/decoders/forwarded/forwarded.ts";
import { impossibleTime } from "../../../ingest/decoders/validation/impossible-time.ts";
import { decoderFor } from "../../../ingest/decoders/index.ts";
import { describeEpc } from "../../../ingest/domain/gs1/describe-epc.ts";
import { MANAGEMENT, SIGNED_IN } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { found, invalid, notFound } from "../../http/problem.ts";
import { findProfile } from "../device-profiles/queries.ts";
import { queryId } from "../../http/fields.ts";
import { sampleTopic } from "./sample-topic.ts";
import { decoded, epcQuery, sample } from "./schema.ts";

const tag = "Decoding";

function bytesOf({ hex, base64, text, json }: z.output<typeof sample>): Buffer {
  if (hex !== undefined) return Buffer.from(hex, "hex");
  if (base64 !== undefined) return Buffer.from(base64, "base64");
  return Buffer.from(text ?? JSON.stringify(json), "utf8");
}

const readBytes = (bytes: Buffer) => ({ base64: bytes.toString("base64") });

/** Decodes messages and tags without storing anything. */
export function registerDecoding(endpoints: Endpoints, companyPrefix: string | undefined): void {
  endpoints.mutate(
    {
      route: "POST /decoders/{name}/test",
      access: MANAGEMENT,
      tag,
      summary: "Decode a sample message; nothing is stored",
      params: z.strictObject({
        name: z
          .string()
          .max(64)
          .openapi({ param: { name: "name", in: "path" } }),
      }),
      query: z.strictObject({
        topic: z.string().max(256).optional().describe("the topic the message would arrive on, for any form of body"),
        profile_id: queryId.optional().describe("decode as for a device with this profile"),
      }),
      body: sample,
      alternativeBody: { type: "application/octet-stream", read: readBytes, unlabelled: true },
      response: decoded,
    },
    async ({ params, query, body }, client) => {
      const decode = decoderFor(params.name);
      if (!decode) throw notFound("decoder");
      const payload = bytesOf(body);
      if (payload.length > MAX_MESSAGE_BYTES) throw invalid("", `a message has at most ${MAX_MESSAGE_BYTES} bytes`);
      const topic = body.topic ?? query.topic ?? sampleTopic(params.name, payload);
      const deviceId = parseUplinkTopic(topic)?.deviceId ?? "test";
      const receivedAt = Date.now();
      const fields = query.profile_id && found(await findProfile(client, query.profile_id), "device profile");
      const payloadFieldsOf = () => (fields ? fields.payload_fields : undefined);
      const result = flattened(decode({ topic, deviceId, payload, receivedAt, payloadFieldsOf }));
      const rejections: Rejection[] = [...result.rejections];
      const readings = result.readings.flatMap(({ kind, content, deviceId: device_id }, index) => {
        const impossible = impossibleTime(content.ts, receivedAt);
        if (impossible) rejections.push({ index, ...impossible });
        return impossible
          ? []
          : [{ ...content, kind, ts: new Date(content.ts), ...(device_id !== undefined && { device_id }) }];
      });
      const { warnings, ignored: ignored_fields = [] } = result;
      return { status: 200, body: { readings, rejections, warnings, ignored_fields } };
    },
  );
  endpoints.read(
    {
      route: "GET /epc/{epc}",
      access: SIGNED_IN,
      tag,
      summary: "Decode an EPC given as hex, base64, EPC URI or GS1 Digital Link",
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
        throw invalid(
          "/epc",
          "expected the hex or base64 of a tag, an EPC URI, or a GS1 Digital Link of a single object",
        );
      return { status: 200, body: description };
    },
  );
}
