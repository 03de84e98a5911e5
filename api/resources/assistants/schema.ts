import { z } from "@hono/zod-openapi";
import { nullableTimestamp, timestamp } from "../../http/fields.ts";

export const assistants = z
  .object({
    enabled: z.boolean().describe("whether `/mcp` is served: `MCP=on`"),
    url: z.string().describe("the address of `/mcp`, for clients of the Model Context Protocol (streamable HTTP)"),
    token_url: z.string().describe("where an API client gets its token"),
    counted_since: timestamp.describe("calls are counted in the process that has answered them, since then"),
    tools: z.array(
      z.object({
        name: z.string(),
        title: z.string().describe("what it is for, in a line"),
        description: z.string().describe("what assistants are told of it"),
        calls: z.number().int().describe("in the last 24 hours"),
        unanswered: z.number().int().describe("of these calls, those that were refused or failed"),
        last_called_at: nullableTimestamp.describe("in the last 24 hours; null: it was not"),
      }),
    ),
  })
  .openapi("Assistants");
