import { addPlaceTools } from "./place-tools.ts";
import { addShipmentTools } from "./shipment-tools.ts";
import { addStockTools } from "./stock-tools.ts";
import type { Caller, ToolTaker } from "./tool.ts";

/** Adds all tools, which answer as `caller`. */
export function addTools(taker: ToolTaker, caller: Caller): void {
  addShipmentTools(taker, caller);
  addStockTools(taker, caller);
  addPlaceTools(taker, caller);
}

interface ListedTool {
  name: string;
  title: string;
  description: string;
}

/** All tools, in the order in which assistants see them. */
export function listTools(): ListedTool[] {
  const tools: ListedTool[] = [];
  addTools({ take: (name, { title, description }) => tools.push({ name, title, description }) }, NOBODY);
  return tools;
}

const nobody = (): never => {
  throw new Error("a tool of the list is not run");
};
/** Tools are listed for nobody: none is run. */
const NOBODY: Caller = { ask: nobody, db: { query: nobody } };
