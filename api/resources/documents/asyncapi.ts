import { z } from "zod";
import { commandAck, commandMessage } from "../../../broker/contract/commands.ts";
import {
  type Kind,
  KINDS,
  MAX_MESSAGE_BYTES,
  MAX_READINGS_PER_MESSAGE,
  READING_SCHEMAS,
} from "../../../broker/contract/readings.ts";
import { statusReport } from "../../../broker/contract/status.ts";
import { forwarderChannels } from "./forwarder-channels.ts";

interface Channel {
  address: string;
  /** the sender */
  from: "device" | "platform";
  summary: string;
  payload: object;
  /** one message as it is sent; docs/devices.md has more */
  example?: unknown;
  contentType?: string;
  parameters?: readonly string[];
}

/** The JSON Schema of what devices send, before any transformation. */
function jsonSchemaOf(schema: z.ZodType): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  return rest;
}

/** One object, or an array of them. */
function oneOrMany(schema: z.ZodType): object {
  const one = jsonSchemaOf(schema);
  return { oneOf: [one, { type: "array", minItems: 1, maxItems: MAX_READINGS_PER_MESSAGE, items: one }] };
}

const bytes = { type: "string", format: "binary" };

function channels(): Record<string, Channel> {
  const readings = KINDS.map((kind): [string, Channel] => {
    const summary = `Readings of kind ${kind}`;
    return [
      kind,
      {
        address: `devices/{id}/${kind}`,
        from: "device",
        summary,
        payload: oneOrMany(READING_SCHEMAS[kind]),
        example: EXAMPLES[kind],
      },
    ];
  });
  const errorReport = { type: "object", additionalProperties: true };
  return {
    ...Object.fromEntries(readings),
    status: {
      address: "devices/{id}/status",
      from: "device",
      summary: "Status report of the device; also used as its will. In an array only one may be without ts",
      payload: oneOrMany(statusReport),
      example: { state: "online", session: 7 },
    },
    raw: {
      address: "devices/{id}/raw",
      from: "device",
      summary: "Vendor format, read by the decoder of the device",
      payload: bytes,
      contentType: "application/octet-stream",
    },
    command: {
      address: "devices/{id}/cmd",
      from: "platform",
      summary: "Command to the device; sent again on each connection until it is acknowledged",
      payload: jsonSchemaOf(commandMessage),
      example: { id: 12, type: "tare", args: {}, expiresAt: "2026-03-01T10:05:00Z" },
    },
    commandAnswer: {
      address: "devices/{id}/cmd/ack",
      from: "device",
      summary: "Result of a command",
      payload: oneOrMany(commandAck),
      example: { id: 12, ok: true },
    },
    errors: {
      address: "devices/{id}/errors",
      from: "platform",
      summary: "Quarantined messages of the device, and why",
      payload: errorReport,
      example: {
        quarantined: 1,
        errors: [
          {
            topic: "devices/tracker-1/gps",
            received_at: "2026-03-01T10:00:00Z",
            reason: "not-a-reading",
            detail: "lat: 91 is more than 90",
          },
        ],
      },
    },
    ownTracks: {
      address: "owntracks/{user}/{id}",
      from: "device",
      summary: "OwnTracks JSON, for devices with decoder owntracks",
      payload: { type: "object", additionalProperties: true },
      parameters: ["user"],
      example: { _type: "location", tst: 1772359200, lat: 48.1, lon: 11.5, acc: 8, vel: 36, batt: 80 },
    },
    thingsBoard: {
      address: "v1/devices/me/telemetry",
      from: "device",
      summary: "ThingsBoard telemetry, for devices with decoder thingsboard, which send their secret as user name",
      payload: { type: ["object", "array"] },
      example: { ts: 1772359200000, values: { temperature: 21.5, humidity: 40 } },
    },
    sparkplug: {
      address: "spBv1.0/{group}/{type}/{id}",
      from: "device",
      summary: "Sparkplug B payloads (protobuf) of an edge node; those of devices behind it are one level deeper",
      payload: bytes,
      contentType: "application/octet-stream",
      parameters: ["group", "type"],
    },
    ...forwarderChannels(),
  };
}

/** One reading of each kind. */
const EXAMPLES: Record<Kind, object> = {
  gps: {
    ts: "2026-03-01T10:00:00Z",
    seq: 7,
    lat: 48.1,
    lon: 11.5,
    accuracy: 5,
    speed: 13.9,
    heading: 90,
    battery: 0.8,
  },
  rfid: { ts: 1772359200000, epc: "3074257BF7194E4000001A85", antenna: 1, rssi: -48 },
  scale: { ts: 1772359200000, weight: 12.345, unit: "kg", stable: true },
  env: { ts: 1772359200000, celsius: 4.5, humidity: 0.6, battery: 0.9 },
  scan: { ts: 1772359200000, code: "(00)106141412345678908", action: "load" },
  vehicle: { ts: 1772359200000, ignition: true, odometer: 184_230_500, fuel: 0.62, voltage: 27.4 },
};

const PARAMETERS: Record<string, { description: string; enum?: string[] }> = {
  id: { description: "id of the device, which is also its client id and user name" },
  user: { description: "any user name" },
  name: { description: "as it is chosen at the server: a topic of Traccar, an application" },
  event: { description: "what happened", enum: ["up", "join", "status", "location"] },
  group: { description: "Sparkplug group id" },
  type: { description: "Sparkplug message type", enum: ["NBIRTH", "NDATA", "NDEATH", "DBIRTH", "DDATA", "DDEATH"] },
};

/** Generates the AsyncAPI 3.0 document of the MQTT interface from the schemas that validate what devices send. */
export function asyncApiDocument(version: string, publicUrl: string): object {
  const described = Object.entries(channels());
  const host = new URL(publicUrl).hostname;
  return {
    asyncapi: "3.0.0",
    info: {
      title: "Waystock devices",
      version,
      description:
        `MQTT 3.1.1 at QoS 0, 1 or 2; payloads up to ${MAX_MESSAGE_BYTES} bytes. An acknowledged message is on disk ` +
        "and takes effect once, even when it is sent again.",
      contact: { name: "Waystock", url: publicUrl, email: `devices@${host}` },
      license: { name: "UNLICENSED" },
      tags: [{ name: "devices" }],
    },
    defaultContentType: "application/json",
    servers: {
      mqtt: { host: `${host}:1883`, protocol: "mqtt", protocolVersion: "3.1.1", security: [{ $ref: SECRET }] },
      mqtts: {
        host: `${host}:8883`,
        protocol: "mqtts",
        protocolVersion: "3.1.1",
        security: [{ $ref: SECRET }, { $ref: CERTIFICATE }],
      },
      webSocket: {
        host: `${host}:8083`,
        pathname: "/mqtt",
        protocol: "ws",
        description: "subprotocol mqtt",
        security: [{ $ref: SECRET }],
      },
    },
    channels: Object.fromEntries(described.map(([name, channel]) => [name, channelOf(name, channel)])),
    operations: Object.fromEntries(
      described.map(([name, { from, summary }]) => [
        name,
        // Seen from the platform, which receives what devices send.
        {
          action: from === "device" ? "receive" : "send",
          channel: { $ref: `#/channels/${name}` },
          summary,
          description: summary,
        },
      ]),
    ),
    components: {
      messages: Object.fromEntries(
        described.map(([name, { summary, payload, contentType, example }]) => [
          name,
          {
            name,
            summary,
            ...(contentType === undefined ? {} : { contentType }),
            payload,
            ...(example === undefined ? {} : { examples: [{ name, payload: example }] }),
          },
        ]),
      ),
      securitySchemes: {
        secret: { type: "userPassword", description: "the device's id and its secret, or a token with aud mqtt" },
        certificate: { type: "X509", description: "a client certificate whose CN is the device's id" },
      },
    },
  };
}

const SECRET = "#/components/securitySchemes/secret";
const CERTIFICATE = "#/components/securitySchemes/certificate";

function channelOf(name: string, { address, summary, parameters = [] }: Channel): object {
  const used = [...parameters, ...(address.includes("{id}") ? ["id"] : [])];
  return {
    address,
    description: summary,
    messages: { [name]: { $ref: `#/components/messages/${name}` } },
    ...(used.length === 0 ? {} : { parameters: Object.fromEntries(used.map((key) => [key, PARAMETERS[key]])) }),
  };
}
