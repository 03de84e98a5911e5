import { join, resolve } from "node:path";
import { isatty } from "node:tty";
import { checkConsistency } from "./consistency.ts";
import { type RawEnvironment, readEnvironment } from "./environment.ts";
import { defaultJournalBytes } from "./journal-size.ts";
import { type Listeners, resolveListeners } from "./listeners.ts";
import { ignoredVariables, rejectUnimplemented } from "./unimplemented.ts";
import { ConfigurationError, type Problem } from "./configuration-error.ts";
import type { Environment } from "./variables.ts";

/**
 * The configuration: every variable under its own name, and what follows from several of them. A composition root reads
 * it once and passes the values on.
 */
export interface Config extends Omit<Environment, "JOURNAL_MAX_BYTES" | "LOG_PRETTY"> {
  JOURNAL_MAX_BYTES: number;
  LOG_PRETTY: boolean;
  listeners: Listeners;
  /** files of the certificate, if the listeners use TLS */
  tls: { certFile: string; keyFile: string; clientCaFile: string | undefined; crlFile: string | undefined } | undefined;
  /** filters that clients without credentials may not subscribe to */
  deniedSubscriptions: readonly string[];
  /** variables that are set and not implemented */
  ignoredVariables: readonly string[];
  /** absolute */
  dataDirectory: string;
  journalDirectory: string;
}

/**
 * Reads the environment.
 * @throws ConfigurationError with all problems, each with a hint
 */
export function readConfig(raw: RawEnvironment = process.env): Config {
  const problems: Problem[] = [];
  const env = readEnvironment(raw, problems);
  checkConsistency(env, problems);
  rejectUnimplemented(raw, problems);
  const listeners = resolveListeners(env, problems);
  if (problems.length > 0) throw new ConfigurationError(problems);
  const dataDirectory = resolve(env.DATA_DIR);
  return {
    ...env,
    JOURNAL_MAX_BYTES: env.JOURNAL_MAX_BYTES ?? defaultJournalBytes(dataDirectory),
    LOG_PRETTY: env.LOG_PRETTY ?? isatty(1),
    listeners,
    tls:
      env.TLS_CERT === undefined || env.TLS_KEY === undefined
        ? undefined
        : { certFile: env.TLS_CERT, keyFile: env.TLS_KEY, clientCaFile: env.TLS_CLIENT_CA, crlFile: env.TLS_CRL },
    // The Paho interoperability suite expects that a broker open to anonymous clients refuses this one with 0x80.
    deniedSubscriptions: env.MQTT_ANONYMOUS === "loopback" ? ["test/nosubscribe"] : [],
    ignoredVariables: ignoredVariables(raw),
    dataDirectory,
    journalDirectory: join(dataDirectory, "journal"),
  };
}

/** The environment of this process with `changes`; `undefined` removes a variable. */
export function environmentWith(changes: RawEnvironment): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries({ ...process.env, ...changes }).filter(([, value]) => value !== undefined));
}

/** Whether the operator set a variable, even to an empty text. */
export function isSet(name: string): boolean {
  return process.env[name] !== undefined;
}

/** The text of the npm script that runs this process; undefined when npm did not start it. */
export const npmScript = (): string | undefined => process.env["npm_lifecycle_script"];

/** The environment of this process, with `defaults` for variables that are not set. */
export function environmentWithDefaults(defaults: RawEnvironment): NodeJS.ProcessEnv {
  return { ...defaults, ...process.env };
}

/** PUBLIC_URL, or the address of the HTTP listener, bound to `port`. */
export function publicUrl(config: Config, port: number): string {
  if (config.PUBLIC_URL !== undefined) return config.PUBLIC_URL.replace(/\/$/, "");
  const { host, tls } = config.listeners.http ?? { host: "127.0.0.1", tls: false };
  const named = host === "0.0.0.0" || host === "::" ? "localhost" : host.includes(":") ? `[${host}]` : host;
  return `${tls ? "https" : "http"}://${named}:${port}`;
}
