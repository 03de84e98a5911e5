import { isatty } from "node:tty";
import { openTextOutput } from "../runtime/text-output.ts";

const CLEAR_LINE = "\r\u001B[2K";
const DEFAULT_COLUMNS = 120;

/** What a demo says: lines that stay, and below them one that changes. */
export interface Terminal {
  print: (line: string) => void;
  /** Draws the line over the one before, on a terminal; elsewhere it is a line like any other. */
  update: (line: string) => void;
}

export function openTerminal(descriptor = 1): Terminal {
  const output = openTextOutput(descriptor);
  const isTerminal = isatty(descriptor);
  let drawn = "";
  const write = (text: string): void => output.write(text);
  return {
    print(line) {
      write(isTerminal && drawn !== "" ? `${CLEAR_LINE}${line}\n${drawn}` : `${line}\n`);
    },
    update(line) {
      if (!isTerminal) return write(`${line}\n`);
      // A line that wraps could not be drawn over.
      drawn = line.slice(0, (process.stdout.columns ?? DEFAULT_COLUMNS) - 1);
      write(`${CLEAR_LINE}${drawn}`);
    },
  };
}
