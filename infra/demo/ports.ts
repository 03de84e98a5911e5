import type { Config } from "../config/config.ts";
import { type Address, freePort, isPortFree, waitForFreePorts } from "../runtime/free-port.ts";

/** The listeners of a demo by the variable that sets their port. */
const LISTENERS = { MQTT_PORT: "mqtt", MQTTS_PORT: "mqtts", MQTT_WS_PORT: "webSocket", HTTP_PORT: "http" } as const;

/**
 * Chooses the ports of a demo. A default port that another program uses is replaced by a free one, and that is printed.
 * Ports that the operator set are never replaced.
 * @param isSet whether the operator set a variable
 * @param afterCrash the previous demo was killed, so its processes may hold the ports for some seconds
 * @returns the replaced ports by variable
 */
export async function choosePorts(
  { listeners }: Config,
  isSet: (name: string) => boolean,
  afterCrash: boolean,
  print: (line: string) => void,
): Promise<Record<string, string>> {
  const chosen: Record<string, string> = {};
  for (const [name, listenerName] of Object.entries(LISTENERS)) {
    const address = listeners[listenerName];
    if (address === undefined || isSet(name)) continue;
    if (await isPortFree(address)) continue;
    if (afterCrash) {
      print(`port ${address.port} is in use, perhaps by the demo that was killed: waiting up to 10 s (${name})`);
      if (await isFreeSoon(address)) continue;
    }
    const port = await freePort(address.host);
    print(`port ${address.port} is in use by another program: using ${port} (${name})`);
    chosen[name] = String(port);
  }
  return chosen;
}

function isFreeSoon(address: Address): Promise<boolean> {
  return waitForFreePorts({ port: address }).then(
    () => true,
    () => false,
  );
}
