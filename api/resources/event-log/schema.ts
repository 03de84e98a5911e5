import { z } from "@hono/zod-openapi";
import { nullableTimestamp, timestamp } from "../../http/fields.ts";

const seconds = z.number().nullable();

export const eventLog = z
  .object({
    waiting: z.number().int().describe("changes that are not in the log yet"),
    lag_seconds: seconds.describe("age of the oldest of them; null: none waits"),
    last_event_at: nullableTimestamp.describe("when the newest event was recorded"),
    first_event_at: nullableTimestamp.describe("when the oldest event that is kept was recorded"),
    bytes: z.number().int().describe("room that the log takes in Postgres, with its indexes"),
    followers: z
      .array(
        z.object({
          name: z.string(),
          behind: z.number().int().describe("events that it has not done yet"),
          lag_seconds: seconds.describe("age of the oldest of them; null: it is done with all"),
          updated_at: timestamp,
          missed: z
            .number()
            .int()
            .describe(
              "events that were deleted before it had them: it was more than 30 days behind, or 20 million events, or no relay told them within 7 days",
            ),
          missed_at: nullableTimestamp.describe("when the last of them was deleted"),
          failing_since: nullableTimestamp,
          problem: z.string().nullable().describe("what went wrong last; null: all is well"),
        }),
      )
      .describe("parts of the platform that hand the events on, each at its own pace"),
  })
  .openapi("EventLog");
export type EventLog = z.output<typeof eventLog>;
