interface ForwarderChannel {
  address: string;
  from: "device";
  summary: string;
  payload: object;
  parameters: string[];
  example: object;
}

/** Servers that forward what many devices measure: the payload names the device. */
export function forwarderChannels(): Record<string, ForwarderChannel> {
  const payload = { type: ["object", "array"] };
  const summary = (what: string, decoder: string) =>
    `${what}, of a gateway or an external broker with decoder ${decoder}`;
  return {
    traccar: {
      address: "traccar/{name}",
      from: "device",
      summary: summary("Positions that Traccar forwards as JSON", "traccar"),
      payload,
      parameters: ["name"],
      example: {
        position: {
          deviceTime: "2026-03-01T10:00:00.000Z",
          fixTime: "2026-03-01T10:00:00.000Z",
          latitude: 48.1,
          longitude: 11.5,
          speed: 19.4,
        },
        device: { uniqueId: "352093081452251" },
      },
    },
    chirpStack: {
      address: "application/{name}/device/{id}/event/{event}",
      from: "device",
      summary: summary("Events of ChirpStack 4 as JSON", "chirpstack"),
      payload,
      parameters: ["name", "event"],
      example: {
        deviceInfo: { devEui: "0101010101010101" },
        time: "2026-03-01T10:00:00.000+00:00",
        fPort: 2,
        object: { temperature: 4.5 },
      },
    },
    thingsStack: {
      address: "v3/{name}/devices/{id}/up",
      from: "device",
      summary: summary("Uplinks of The Things Stack v3", "ttn"),
      payload,
      parameters: ["name"],
      example: {
        end_device_ids: { device_id: "probe-7" },
        received_at: "2026-03-01T10:00:00.000Z",
        uplink_message: { f_port: 2, decoded_payload: { temperature: 4.5 } },
      },
    },
  };
}
