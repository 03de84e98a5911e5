import type { Problem } from "./configuration-error.ts";
import type { Environment } from "./variables.ts";

/** The address a listener binds; port 0 picks a free one. */
export interface Listener {
  host: string;
  port: number;
  tls: boolean;
}

/** The listeners; undefined when turned off. */
export interface Listeners {
  mqtt: Listener | undefined;
  mqtts: Listener | undefined;
  webSocket: Listener | undefined;
  http: Listener | undefined;
}

export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

/**
 * With a certificate every listener except plain MQTT uses TLS, and plain MQTT stays on loopback unless MQTT_HOST is set.
 * A plaintext listener beyond loopback is a problem unless ALLOW_PLAINTEXT is set.
 */
export function resolveListeners(env: Environment, problems: Problem[]): Listeners {
  const tls = env.TLS_CERT !== undefined && env.TLS_KEY !== undefined;
  const plain = (name: "MQTT_HOST" | "MQTT_WS_HOST" | "HTTP_HOST", port: number | undefined, fallback: string) => {
    const host = env[name] ?? fallback;
    if (port !== undefined && !isLoopback(host) && !env.ALLOW_PLAINTEXT)
      problems.push(plaintextProblem(env, name, host));
    return listener(host, port, false);
  };
  const tlsOrPlain = (name: "MQTT_WS_HOST" | "HTTP_HOST", port: number | undefined) =>
    tls ? listener(env[name] ?? env.HOST, port, true) : plain(name, port, env.HOST);
  return {
    mqtt: plain("MQTT_HOST", env.MQTT_PORT, tls && !isLoopback(env.HOST) ? "127.0.0.1" : env.HOST),
    mqtts: tls ? listener(env.MQTTS_HOST ?? env.HOST, env.MQTTS_PORT, true) : undefined,
    webSocket: tlsOrPlain("MQTT_WS_HOST", env.MQTT_WS_PORT),
    http: tlsOrPlain("HTTP_HOST", env.HTTP_PORT),
  };
}

function listener(host: string, port: number | undefined, tls: boolean): Listener | undefined {
  return port === undefined ? undefined : { host, port, tls };
}

function plaintextProblem(env: Environment, name: string, host: string): Problem {
  return {
    name: env[name as keyof Environment] === undefined ? "HOST" : name,
    hint:
      `passwords and tokens would cross the network in plain text through ${name.replace("_HOST", "")} on ${host}: ` +
      "set TLS_CERT and TLS_KEY, or stay on 127.0.0.1, or set ALLOW_PLAINTEXT=true if something in front of it encrypts",
  };
}
