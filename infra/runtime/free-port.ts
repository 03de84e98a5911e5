import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const TRY_EVERY_MS = 100;

/** An address a listener is to bind; port 0 is always free. */
export interface Address {
  host: string;
  port: number;
}

/** Whether nobody listens there. Throws when the address itself cannot be bound: not ours, or no right to it. */
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

/** A port of `host` on which nobody listens now. */
export async function freePort(host: string): Promise<number> {
  const probe = createServer().listen({ host, port: 0 });
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  if (address === null || typeof address === "string") throw new Error("a TCP listener has no port");
  return address.port;
}

/** Waits until all addresses are free: a process of an earlier start may still be ending. Undefined ones are off. */
export async function waitForFreePorts(
  addresses: Readonly<Record<string, Address | undefined>>,
  withinMs = 10_000,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  for (const [name, address] of Object.entries(addresses)) {
    if (address === undefined) continue;
    while (!(await isPortFree(address))) {
      if (performance.now() >= deadline) throw new Error(takenMessage(name, address));
      await sleep(TRY_EVERY_MS);
    }
  }
}

function takenMessage(name: string, { host, port }: Address): string {
  return `${host}:${port} is taken: stop the program that listens there, or set ${name} to another port`;
}
