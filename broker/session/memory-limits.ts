/** Bounds on what ordinary topics may keep in memory (docs/decisions/09-bounds.md). No telemetry reading is in here. */
export interface MemoryLimits {
  /** topics with a retained message */
  retainedTopics: number;
  /** bytes of all retained messages */
  retainedBytes: number;
  /** sessions with subscriptions that outlive their connection */
  sessions: number;
  /** how long such a session waits for its client, milliseconds */
  sessionExpiryMs: number;
  /** messages in the queue of one session */
  queuedMessages: number;
  /** bytes in the queue of one session */
  queuedBytes: number;
  /** bytes in the queues of all sessions together */
  queuedBytesInAll: number;
}
