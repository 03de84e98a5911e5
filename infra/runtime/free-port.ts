import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const RETRY_MS = 100;

/** The address of a listener. Port 0 means any free port. */
export interface Address {
  host: string;
  port: number;
}

/**
 * Whether the address can be bound now.
 * @throws when the reason is not a port in use: the host is not an address of this machine, or a privilege is missing
 */
export async function isPortFree({ host, port }: Address): Promise<boolean> {
  if (port === 0) return true;
  const probe = createServer();
  try {
    probe.listen({ host, port });
    await once(probe, "listening");
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") return false;
    throw new Error(`cannot listen on ${host}:${port}: ${(error as Error).message}`, { cause: error });
  } finally {
    probe.close();
  }
}

/** Any port of `host` that is free now. */
export async function freePort(host: string): Promise<number> {
  const probe = createServer().listen({ host, port: 0 });
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  if (address === null || typeof address === "string") throw new Error("a TCP listener has no port");
  return address.port;
}

/**
 * Waits until all addresses are free: a process of an earlier start may still be stopping.
 * @param addresses by the environment variable that sets the port; undefined for a listener that is off
 * @throws naming the variable, when an address is still in use after `withinMs`
 */
export async function waitForFreePorts(
  addresses: Readonly<Record<string, Address | undefined>>,
  withinMs = 10_000,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  for (const [name, address] of Object.entries(addresses)) {
    if (address === undefined) continue;
    while (!(await isPortFree(address))) {
      if (performance.now() >= deadline) throw new Error(portInUseMessage(name, address));
      await sleep(RETRY_MS);
    }
  }
}

function portInUseMessage(name: string, { host, port }: Address): string {
  return `${host}:${port} is taken: stop the program that listens there, or set ${name} to another port`;
}
