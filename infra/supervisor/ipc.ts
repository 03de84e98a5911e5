import type { Position } from "../../broker/journal/journal.ts";
import type { FigureReports, Figures } from "./figures.ts";
import { believedHealth, type Health, type HealthReports } from "./health.ts";

/* The messages between a supervisor and its child processes, over Node's IPC channel. */

/** Sent by a process once it is ready. */
export interface Ready {
  /** addresses to show, by name: `{ api: "http://127.0.0.1:8080" }` */
  urls?: Record<string, string>;
  /** environment variables that give a restarted process the same ports, where free ones were picked */
  ports?: Record<string, string>;
}

/** From a child to its supervisor. Any message is a sign of life. */
export interface ChildMessage {
  ready?: Ready;
  /** of the components this child runs */
  health?: Health;
  /** numbers for `/metrics` */
  figures?: Figures;
  /** where the slowest consumer of this node's journal reads on */
  unreadFrom?: Position | undefined;
}

/** From a supervisor to a child. A stop is a message, not a signal: Windows has no SIGTERM that can be handled. */
export type SupervisorMessage = { stop: true } | { health: HealthReports; figures: FigureReports };

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

/** Returns a getter of the health that the supervisor reports; empty without a supervisor. */
export function supervisorHealth(): () => Health {
  let latest: HealthReports = {};
  let receivedAt = performance.now();
  if (isSupervised()) {
    process.on("message", (message: SupervisorMessage) => {
      if (!("health" in message)) return;
      latest = message.health;
      receivedAt = performance.now();
    });
  }
  return () => believedHealth(latest, performance.now() - receivedAt);
}

/** Returns a getter of the figures that the supervisor passes on; empty without a supervisor. */
export function supervisorFigures(): () => FigureReports {
  let latest: FigureReports = {};
  let receivedAt = performance.now();
  if (isSupervised()) {
    process.on("message", (message: SupervisorMessage) => {
      if (!("figures" in message)) return;
      latest = message.figures;
      receivedAt = performance.now();
    });
  }
  return () => {
    const sinceMs = performance.now() - receivedAt;
    return Object.fromEntries(
      Object.entries(latest).map(([name, { figures, ageMs }]) => [name, { figures, ageMs: ageMs + sinceMs }]),
    );
  };
}
