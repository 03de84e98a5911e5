import type { CallToolResult, ToolAnnotations } from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";
import type { Reader } from "../../auth/limits.ts";
import { refusalsAsAnswers } from "./answer.ts";
import type { Ask } from "./ask.ts";

/** What tools answer from: the caller's view of the API and, where the API has no such list, of the database. */
export interface Caller {
  ask: Ask;
  db: Reader;
}

interface Tool<Input extends z.ZodRawShape> {
  name: string;
  title: string;
  /** when to use it and what it tells, for the assistant */
  description: string;
  input: Input;
  output: z.ZodRawShape;
  run: (input: z.output<z.ZodObject<Input>>) => Promise<CallToolResult>;
}

interface ToolSpec {
  title: string;
  description: string;
  inputSchema: z.ZodRawShape;
  outputSchema: z.ZodRawShape;
  annotations: ToolAnnotations;
}

/** What takes tools: the server that answers a request, or a list of what there is. */
export interface ToolTaker {
  take(name: string, spec: ToolSpec, run: (given: unknown) => Promise<CallToolResult>): void;
}

/** How many rows an answer has at most. */
export const limit = z.number().int().min(1).max(50).default(20).describe("how many at most, 1 to 50");
export const placeId = z.number().int().min(1).optional().describe("id of a location; see the tool search");
/** Fields are those of the API's own documents (`/openapi.json`). */
export const rows = z.array(z.looseObject({}));
export const more = z.boolean().describe("there are more than are shown");

/** Adds a tool that only reads. */
export function addTool<Input extends z.ZodRawShape>(taker: ToolTaker, tool: Tool<Input>): void {
  const { name, title, description, input, output, run } = tool;
  const annotations = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false };
  const spec = { title, description, inputSchema: input as z.ZodRawShape, outputSchema: output, annotations };
  taker.take(name, spec, (given) => refusalsAsAnswers(() => run(given as z.output<z.ZodObject<Input>>)));
}
