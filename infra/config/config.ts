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
 * What the operator decided: every variable under its own name, and what follows from several of them together.
 * Read once by a composition root; everything else is handed the values it needs.
 */
export interface Config extends Omit<Environment, "JOURNAL_MAX_BYTES" | "LOG_PRETTY"> {
  JOURNAL_MAX_BYTES: number;
  LOG_PRETTY: boolean;
  listeners: Listeners;
  /** files of the certificate, when the listeners speak TLS */
  tls: { certFile: string; keyFile: string; clientCaFile: string | undefined; crlFile: string | undefined } | undefined;
  /** filters that clients without credentials may not subscribe to */
  deniedSubscriptions: readonly string[];
  /** variables that were given and have no effect yet */
  ignoredVariables: readonly string[];
  /** absolute */
  dataDirectory: string;
  journalDirectory: string;
}

/**
 * Reads the environment.
 * @throws ConfigurationError naming every problem at once, each with its hint
 */
export function readConfig(raw: RawEnvironment = process.env): Config {
  const problems: Problem[] = [];
  const env = readEnvironment(raw, problems);
  checkConsistency(env, problems);
  rejectUnimplemented(env, problems);
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

/** The environment of a child process: ours, with `changes`; `undefined` takes a variable away. */
export function environmentWith(changes: RawEnvironment): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries({ ...process.env, ...changes }).filter(([, value]) => value !== undefined));
}

/** Whether the operator set a variable, be it to nothing. */
export function isSet(name: string): boolean {
  return process.env[name] !== undefined;
}

/** The text of the package's script that npm runs us by; undefined when it was not npm that started us. */
export const npmScript = (): string | undefined => process.env["npm_lifecycle_script"];

/** Our environment, with `defaults` for what is not set. */
export function environmentWithDefaults(defaults: RawEnvironment): NodeJS.ProcessEnv {
  return { ...defaults, ...process.env };
}

/** What others call us: PUBLIC_URL, or the address the API listens on. `port` is the one really bound. */
export function publicUrl(config: Config, port: number): string {
  if (config.PUBLIC_URL !== undefined) return config.PUBLIC_URL.replace(/\/$/, "");
  const { host, tls } = config.listeners.http ?? { host: "127.0.0.1", tls: false };
  const named = host === "0.0.0.0" || host === "::" ? "localhost" : host.includes(":") ? `[${host}]` : host;
  return `${tls ? "https" : "http"}://${named}:${port}`;
}
