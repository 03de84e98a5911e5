import { type Logger, pino } from "pino";
import pretty from "pino-pretty";

/** Fields with these names are masked, at the top level and one level down: pino checks no deeper without a cost. */
const SECRETS = ["password", "secret", "token", "authorization", "cookie"];

/** The configuration of the log. */
export interface LogSettings {
  LOG_LEVEL: string;
  LOG_PRETTY: boolean;
}

/**
 * The log of one process, on standard output or on `descriptor`. Every line carries `part`, the name of the process,
 * because the processes share one output.
 */
export function createLogger(settings: LogSettings, part: string, descriptor = 1): Logger {
  const options = {
    level: settings.LOG_LEVEL,
    base: { part },
    redact: { paths: SECRETS.flatMap((name) => [name, `*.${name}`, `req.headers.${name}`]), censor: "***" },
  };
  // Synchronous, because the last line before an exit matters most.
  const destination = settings.LOG_PRETTY
    ? pretty({
        colorize: true,
        ignore: "pid,hostname,part",
        messageFormat: "{part} {msg}",
        translateTime: "HH:MM:ss.l",
        sync: true,
        destination: descriptor,
      })
    : pino.destination({ dest: descriptor, sync: true });
  return pino(options, destination);
}
