/** One event of a stream of server-sent events (WHATWG HTML §9.2). */
export interface SseEvent {
  type: string;
  data: string;
  /** the last id that was sent, with this event or before it; undefined before the first */
  id: string | undefined;
}

/**
 * Takes the text of a stream apart as it arrives.
 * @returns a function that takes the next piece, and returns the events that are complete with it. Comments are no events.
 */
export function createSseParser(): (text: string) => SseEvent[] {
  let rest = "";
  let id: string | undefined;
  let type = "message";
  let data: string[] = [];

  function takeLine(line: string): SseEvent | undefined {
    if (line === "") {
      const event = data.length === 0 ? undefined : { type, data: data.join("\n"), id };
      type = "message";
      data = [];
      return event;
    }
    const [, field, value = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === "event") type = value;
    else if (field === "data") data.push(value);
    else if (field === "id") id = value;
    return undefined;
  }

  return (text) => {
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop() ?? "";
    return lines.flatMap((line) => takeLine(line) ?? []);
  };
}
