/* The few words a supervisor and its child processes exchange over Node's IPC channel. */

/** What a process offers once it is ready. */
export interface Ready {
  /** addresses to show, by name: `{ api: "http://127.0.0.1:8080" }` */
  urls?: Record<string, string>;
  /** variables under which a restart gets the same ports again, if they were picked freely */
  ports?: Record<string, string>;
}

/** How one part of the platform stands. */
export interface ComponentHealth {
  ok: boolean;
  /** in words or as a number; shown to the public, so no names and no addresses */
  detail?: string | number;
}

export type Health = Record<string, ComponentHealth>;

/** From a child to its supervisor. */
export interface ChildMessage {
  ready?: Ready;
  /** of the components in the child's care */
  health?: Health;
}

/** From a supervisor to a child. A stop is a message, not a signal: Windows has no SIGTERM that can be handled. */
export type SupervisorMessage = { stop: true } | { health: Health };

export function isSupervised(): boolean {
  return process.send !== undefined;
}

/** Tells the supervisor, if there is one. */
export function sendToSupervisor(report: ChildMessage): void {
  // The channel closes when the supervisor dies; its `disconnect` says so, and nobody is left to be told.
  if (process.connected) process.send?.(report, undefined, undefined, () => undefined);
}

/** Calls `stop` when the supervisor asks for it, `disconnected` when it has died. */
export function onSupervisorEvents({ stop, disconnected }: { stop: () => void; disconnected: () => void }): void {
  process.on("message", (notice: SupervisorMessage) => {
    if ("stop" in notice) stop();
  });
  // It may have died while this process was still loading: of that no event comes any more.
  if (process.connected) process.once("disconnect", disconnected);
  else queueMicrotask(disconnected);
}

/** How the components in other processes stand, as the supervisor last said; empty without one. */
export function supervisorHealth(): () => Health {
  let latest: Health = {};
  if (isSupervised()) {
    process.on("message", (notice: SupervisorMessage) => {
      if ("health" in notice) latest = notice.health;
    });
  }
  return () => latest;
}
