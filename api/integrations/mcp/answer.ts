import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js";
import { Refused } from "./ask.ts";

/** An answer has at most so many characters of JSON: an assistant reads all of it. */
const MAX_CHARACTERS = 40_000;

/** Rows, of which an answer may hold fewer than there are. */
export interface Rows {
  rows: readonly object[];
  more: boolean;
}

/** Of so many rows an answer shows at most `limit`, which were asked for with one more. */
export const rowsOf = (found: readonly object[], limit: number): Rows => ({
  rows: found.slice(0, limit),
  more: found.length > limit,
});

/**
 * The result of a tool: in words, and as JSON twice, since some assistants read the one and some the other.
 * @param lists names of the fields that hold lists: they are shortened, from the end, until the whole is short enough
 */
export function answer(
  words: string,
  content: Record<string, unknown>,
  lists: readonly string[] = ["rows"],
): CallToolResult {
  const structured = { ...content };
  let text = JSON.stringify(structured);
  while (text.length > MAX_CHARACTERS) {
    const longest = lists.toSorted((a, b) => lengthOf(structured[b]) - lengthOf(structured[a]))[0];
    const list = longest === undefined ? [] : (structured[longest] as unknown[]);
    if (list.length === 0) break;
    structured[longest!] = list.slice(0, Math.floor(list.length / 2));
    structured["more"] = true;
    text = JSON.stringify(structured);
  }
  return {
    content: [
      { type: "text", text: words },
      { type: "text", text },
    ],
    structuredContent: structured,
  };
}

const lengthOf = (value: unknown): number => (Array.isArray(value) ? JSON.stringify(value).length : 0);

/** What the API refuses is an answer that the assistant can act on; anything else is a fault of ours. */
export async function refusalsAsAnswers(work: () => Promise<CallToolResult>): Promise<CallToolResult> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { isError: true, content: [{ type: "text", text: error.message }] };
  }
}
