import protobuf from "protobufjs/light.js";

/** The sender's side, written from the specification (Sparkplug 3.0 §6.4.1), with fields the decoder does not know. */
const PAYLOAD = protobuf.Root.fromJSON({
  nested: {
    Payload: {
      edition: "proto2",
      fields: {
        timestamp: { type: "uint64", id: 1 },
        metrics: { rule: "repeated", type: "Metric", id: 2 },
        seq: { type: "uint64", id: 3 },
        uuid: { type: "string", id: 4 },
      },
    },
    Metric: {
      edition: "proto2",
      fields: {
        name: { type: "string", id: 1 },
        alias: { type: "uint64", id: 2 },
        timestamp: { type: "uint64", id: 3 },
        datatype: { type: "uint32", id: 4 },
        isHistorical: { type: "bool", id: 5 },
        isNull: { type: "bool", id: 7 },
        intValue: { type: "uint32", id: 10 },
        longValue: { type: "uint64", id: 11 },
        floatValue: { type: "float", id: 12 },
        doubleValue: { type: "double", id: 13 },
        stringValue: { type: "string", id: 15 },
        bytesValue: { type: "bytes", id: 16 },
      },
    },
  },
}).lookupType("Payload");

/** A payload as an edge node sends it. */
export const encodeSparkplug = (message: Record<string, unknown>): Buffer =>
  Buffer.from(PAYLOAD.encode(PAYLOAD.fromObject(message)).finish());
