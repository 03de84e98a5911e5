interface ForwarderChannel {
  address: string;
  from: "device";
  summary: string;
  payload: object;
  parameters: string[];
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
    },
    chirpStack: {
      address: "application/{name}/device/{id}/event/{event}",
      from: "device",
      summary: summary("Events of ChirpStack 4 as JSON", "chirpstack"),
      payload,
      parameters: ["name", "event"],
    },
    thingsStack: {
      address: "v3/{name}/devices/{id}/up",
      from: "device",
      summary: summary("Uplinks of The Things Stack v3", "ttn"),
      payload,
      parameters: ["name"],
    },
  };
}
