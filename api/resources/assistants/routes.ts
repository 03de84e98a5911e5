import { AUDITING } from "../../auth/roles.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import type { ToolCounts } from "../../integrations/mcp/tool-counts.ts";
import { listTools } from "../../integrations/mcp/tools.ts";
import { assistants } from "./schema.ts";

/** What assistants may ask, and what they have asked. It answers also while `/mcp` is off. */
export function registerAssistants(
  endpoints: Endpoints,
  { enabled, publicUrl, counts }: { enabled: boolean; publicUrl: string; counts: ToolCounts },
): void {
  const tools = listTools();
  endpoints.read(
    {
      route: "GET /assistants",
      access: AUDITING,
      tag: "Assistants",
      summary:
        "Whether assistants may ask (`/mcp`), where, by which tools, and how often they did in the last 24 hours",
      response: assistants,
    },
    () => {
      const calls = counts.ofLastDay();
      const body = {
        enabled,
        url: `${publicUrl}/mcp`,
        token_url: `${publicUrl}/oauth/token`,
        counted_since: new Date(counts.since),
        tools: tools.map((tool) => {
          const counted = calls.get(tool.name);
          return {
            ...tool,
            calls: counted?.calls ?? 0,
            unanswered: counted?.unanswered ?? 0,
            last_called_at: counted === undefined ? null : new Date(counted.lastAt),
          };
        }),
      };
      return Promise.resolve({ status: 200, body });
    },
  );
}
