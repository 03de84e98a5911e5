/* The messages between a supervisor and its child processes, over Node's IPC channel. */

/** Sent by a process once it is ready. */
export interface Ready {
  /** addresses to show, by name: `{ api: "http://127.0.0.1:8080" }` */
  urls?: Record<string, string>;
  /** environment variables that give a restarted process the same ports, where free ones were picked */
  ports?: Record<string, string>;
}

/** The health of one component of the platform. */
export interface ComponentHealth {
  ok: boolean;
  /** a text or a number; `/readyz` shows it to the public, so it holds no names and no addresses */
  detail?: string | number;
}

/** Health by component name. */
export type Health = Record<string, ComponentHealth>;

/** From a child to its supervisor. */
export interface ChildMessage {
  ready?: Ready;
  /** of the components this child runs */
  health?: Health;
}

/** From a supervisor to a child. A stop is a message, not a signal: Windows has no SIGTERM that can be handled. */
export type SupervisorMessage = { stop: true } | { health: Health };

export function isSupervised(): boolean {
  return process.send !== undefined;
}

/** Sends a message to the supervisor; does nothing without one. */
export function sendToSupervisor(message: ChildMessage): void {
  // When the supervisor dies the channel closes, and the `disconnect` event says so: a failed send needs no report.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

/** Calls `stop` when the supervisor asks for a stop, `disconnected` when the supervisor has died. */
export function onSupervisorEvents({ stop, disconnected }: { stop: () => void; disconnected: () => void }): void {
  process.on("message", (message: SupervisorMessage) => {
    if ("stop" in message) stop();
  });
  // If the supervisor died while this process was still loading, `disconnect` has been emitted already.
  if (process.connected) process.once("disconnect", disconnected);
  else queueMicrotask(disconnected);
}

/** Returns a getter of the health last received from the supervisor; empty without a supervisor. */
export function supervisorHealth(): () => Health {
  let latest: Health = {};
  if (isSupervised()) {
    process.on("message", (message: SupervisorMessage) => {
      if ("health" in message) latest = message.health;
    });
  }
  return () => latest;
}
