import type { Logger } from "pino";
import type { FaultStats } from "../devices/fault-stats.ts";
import type { ApiClient } from "../platform/api-client.ts";
import type { Score } from "../score/score.ts";
import type { LossCheck } from "./loss-check.ts";
import type { Publisher } from "./publisher.ts";

/** What a run is played with. */
export interface RunDeps {
  api: ApiClient | undefined;
  /** the same platform, retried until it answers or the run is stopped: for bookings */
  retryingApi: ApiClient | undefined;
  /** for the API's live stream */
  token: () => Promise<string>;
  publisher: Publisher;
  log: Logger;
  signal: AbortSignal;
}

/** A run that is ready to play: its devices are registered and connected. */
export interface PreparedRun {
  deviceIds: readonly string[];
  lossCheck: LossCheck | undefined;
  play: () => Promise<void>;
  /** bookings the platform refused */
  refused: () => number;
  /** counts of the injected faults */
  faultStats?: FaultStats;
  /** with `--score`: compares the platform's answers with the ground truth */
  evaluate: (() => Promise<Score>) | undefined;
}
