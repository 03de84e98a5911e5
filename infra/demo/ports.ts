import type { Config } from "../config/config.ts";
import { type Address, freePort, isPortFree, waitForFreePorts } from "../runtime/free-port.ts";

/** Variables of the listeners a demo opens. */
const LISTENERS = { MQTT_PORT: "mqtt", MQTTS_PORT: "mqtts", MQTT_WS_PORT: "webSocket", HTTP_PORT: "http" } as const;

/**
 * The ports a demo uses: the usual ones, or free ones where another program sits, which is said. Ports the operator
 * set are kept as they are.
 * @param isGiven whether the operator set a variable
 * @param afterCrash an earlier demo was killed, so its processes may hold the usual ports for a few seconds more
 */
export async function choosePorts(
  { listeners }: Config,
  isGiven: (name: string) => boolean,
  afterCrash: boolean,
  say: (line: string) => void,
): Promise<Record<string, string>> {
  const chosen: Record<string, string> = {};
  for (const [name, listenerName] of Object.entries(LISTENERS)) {
    const address = listeners[listenerName];
    if (address === undefined || isGiven(name)) continue;
    if (await isPortFree(address)) continue;
    if (afterCrash) {
      say(`port ${address.port} is taken, perhaps by the demo that was killed: waiting up to 10 s (${name})`);
      if (await isFreeSoon(address)) continue;
    }
    const port = await freePort(address.host);
    say(`port ${address.port} is taken by another program: using ${port} (${name})`);
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
