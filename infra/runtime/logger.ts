import { type Logger, pino } from "pino";
import pretty from "pino-pretty";

/** Names of fields that never reach a log, at any depth pino can look into cheaply. */
const SECRETS = ["password", "secret", "token", "authorization", "cookie"];

/** Where log lines go, as the configuration says. */
export interface LogSettings {
  LOG_LEVEL: string;
  LOG_PRETTY: boolean;
}

/**
 * The log of one process, on standard output or the file descriptor given. `part` stands on every line, because the
 * supervisor's output mixes them.
 */
export function createLogger(settings: LogSettings, part: string, descriptor = 1): Logger {
  const options = {
    level: settings.LOG_LEVEL,
    base: { part },
    redact: { paths: SECRETS.flatMap((name) => [name, `*.${name}`, `req.headers.${name}`]), censor: "***" },
  };
  // Synchronous: the last line before an exit is the one that matters most.
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
