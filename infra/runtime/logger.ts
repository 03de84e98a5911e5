import { type Logger, type LoggerOptions, pino, stdSerializers } from "pino";
import pretty from "pino-pretty";
import { maskSecrets } from "./mask-secrets.ts";
import { createRepeatFilter, isOutage } from "./repeated-lines.ts";
import { openTextOutput } from "./text-output.ts";

/** Fields with these names are masked, at the top level and one level down: pino checks no deeper without a cost. */
const SECRETS = ["password", "secret", "token", "authorization", "cookie"];

/** The configuration of the log. */
export interface LogSettings {
  LOG_LEVEL: string;
  LOG_PRETTY: boolean;
}

/**
 * The log of one process, on standard output or on `descriptor`. Every line carries `part`, the name of the process,
 * because the processes share one output. A line that cannot be written is lost; the process goes on.
 */
export function createLogger(settings: LogSettings, part: string, descriptor = 1): Logger {
  const options = {
    level: settings.LOG_LEVEL,
    base: { part },
    // What the redaction by field name does not see: secrets inside a message, a URL, or the text of an error.
    hooks: { streamWrite: maskSecrets, logMethod: withoutRepeats(createRepeatFilter()) },
    serializers: { err: describeError },
    redact: { paths: SECRETS.flatMap((name) => [name, `*.${name}`, `req.headers.${name}`]), censor: "***" },
  };
  const format = settings.LOG_PRETTY
    ? pretty.prettyFactory({
        colorize: true,
        ignore: "pid,hostname,part",
        messageFormat: "{part} {msg}",
        translateTime: "HH:MM:ss.l",
      })
    : (line: string) => line;
  // Synchronous, because the last line before an exit matters most. pino's own destination throws where it cannot write.
  const output = openTextOutput(descriptor, (lines) =>
    log.warn({ lines }, "log lines were lost: they could not be written"),
  );
  const log = pino(options, { write: (line: string) => output.write(format(line)) });
  return log;
}

/** An error as it is logged. The stack of an outage is left out: it says nothing, and every retry has one. */
function describeError(error: Error): object {
  const { stack, ...described } = stdSerializers.err(error);
  return isOutage(error) ? described : { ...described, stack };
}

type LogMethod = NonNullable<NonNullable<LoggerOptions["hooks"]>["logMethod"]>;

/** Passes the first of equal warnings and errors on, and the number of the others with the next. */
function withoutRepeats(decide: ReturnType<typeof createRepeatFilter>): LogMethod {
  return function logMethod(this, args, method) {
    const [fields, text] = args as unknown as [unknown, unknown];
    if (!hasError(fields)) return method.apply(this, args);
    const decision = decide(JSON.stringify([this.bindings(), text, String(fields.err)]));
    if (!decision.isLogged) return undefined;
    const counted = decision.repeated > 0 ? { ...fields, repeated: decision.repeated } : fields;
    return method.apply(this, [counted, ...args.slice(1)] as unknown as typeof args);
  };
}

function hasError(fields: unknown): fields is { err: unknown } {
  return typeof fields === "object" && fields !== null && "err" in fields;
}
