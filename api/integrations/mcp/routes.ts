import type { OpenAPIHono } from "@hono/zod-openapi";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js";
import type { Pool } from "pg";
import { z } from "zod";
import { readerOf } from "../../auth/limits.ts";
import { SIGNED_IN } from "../../auth/roles.ts";
import type { ApiEnv } from "../../deps.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { Problem } from "../../http/problem.ts";
import { askWith } from "./ask.ts";
import type { CountTool, ToolOutcome } from "./tool-counts.ts";
import { addTools } from "./tools.ts";
import type { Caller, ToolTaker } from "./tool.ts";

const INSTRUCTIONS =
  "Waystock knows where shipments are, how much stock there is, and what needs attention, from sensors and people. All tools only read, and " +
  "show what the signed-in account may see. Times are ISO 8601 UTC. Say on what evidence an answer rests when a tool tells it.";

/**
 * Model Context Protocol, streamable HTTP: each request is answered by a server of its own, with the rights of its sender. There are
 * no sessions, so nothing of one caller is left for another.
 */
export function registerMcp(
  endpoints: Endpoints,
  app: OpenAPIHono<ApiEnv>,
  { pool, version, count }: { pool: Pool; version: string; count: CountTool },
): void {
  endpoints.custom(
    {
      route: "POST /mcp",
      access: SIGNED_IN,
      tag: "Assistants",
      summary: "Model Context Protocol, streamable HTTP: tools that read, for assistants",
      readsOnly: true,
      body: z.union([z.looseObject({}), z.array(z.looseObject({}))]),
      response: z.looseObject({}),
      alternativeResponses: ["text/event-stream"],
    },
    async ({ body, principal, c }) => {
      const authorization = c.req.header("Authorization");
      // A session cookie comes with any page's request; an assistant has a token.
      if (authorization === undefined) throw new Problem(401, "an assistant signs in with a bearer token");
      const ask = askWith(
        async (path, headers) => app.fetch(new Request(new URL(path, c.req.url), { headers }), c.env),
        authorization,
      );
      const server = serverOf({ ask, db: readerOf(pool, principal) }, version, count);
      const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
      try {
        await server.connect(transport);
        const response = await transport.handleRequest(c.req.raw, { parsedBody: body });
        return new Response(await response.text(), response);
      } finally {
        await server.close();
      }
    },
  );
}

function serverOf(caller: Caller, version: string, count: CountTool): McpServer {
  const server = new McpServer({ name: "waystock", title: "Waystock", version }, { instructions: INSTRUCTIONS });
  const take: ToolTaker["take"] = (name, spec, run) =>
    server.registerTool(name, spec, (given: unknown) => counted(count, name, () => run(given)));
  addTools({ take }, caller);
  return server;
}

async function counted(count: CountTool, name: string, run: () => Promise<CallToolResult>): Promise<CallToolResult> {
  let outcome: ToolOutcome = "failed";
  try {
    const result = await run();
    outcome = result.isError === true ? "refused" : "answered";
    return result;
  } finally {
    count(name, outcome);
  }
}
