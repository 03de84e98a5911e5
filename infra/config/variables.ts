import * as z from "zod";
import * as v from "./values.ts";

/** One environment variable: how it is parsed, and its documentation. */
export interface Variable {
  schema: z.ZodType;
  /** the value when the variable is not set, as text */
  default?: string;
  /** the default in words, if it is computed at start */
  defaultIs?: string;
  meaning: string;
  /** masked in all output; may also be read from the file named by NAME_FILE. `url`: only its password is masked */
  secret?: "whole" | "url";
}

/** Every environment variable of the platform, in the order of the documentation. */
export const variables = {
  DATA_DIR: { schema: v.text, default: "./data", meaning: "journal, embedded Postgres, generated keys" },
  DATABASE_URL: {
    schema: v.url("postgres", "postgresql").optional(),
    defaultIs: "embedded Postgres",
    meaning: "Postgres 14 or later",
    secret: "url",
  },
  INFLUX_URL: {
    schema: v.url("http", "https").optional(),
    defaultIs: "none: day-partitioned tables in Postgres hold the series",
    meaning: "the series store for real use: InfluxDB 1.6 and later 1.x; 2.x and 3 Core by their documentation",
  },
  INFLUX_API: {
    schema: v.oneOf("auto", "v1", "v2"),
    default: "auto",
    meaning: "`v1` (`/write`) or `v2` (`/api/v2/write`); `auto` asks `/ping`",
  },
  INFLUX_TOKEN: { schema: v.text.optional(), meaning: "token, as the server needs", secret: "whole" },
  INFLUX_ORG: { schema: v.text.optional(), meaning: "organisation (2.x)" },
  INFLUX_BUCKET: { schema: v.text, default: "waystock", meaning: "bucket, or database of 1.x" },
  INFLUX_USERNAME: { schema: v.text.optional(), meaning: "user name (1.x)" },
  INFLUX_PASSWORD: { schema: v.text.optional(), meaning: "password (1.x)", secret: "whole" },
  HOST: { schema: v.text, default: "127.0.0.1", meaning: "address listeners bind" },
  MQTT_HOST: { schema: v.text.optional(), defaultIs: "`HOST`", meaning: "address of the MQTT listener" },
  MQTTS_HOST: { schema: v.text.optional(), defaultIs: "`HOST`", meaning: "address of the MQTT listener with TLS" },
  MQTT_WS_HOST: { schema: v.text.optional(), defaultIs: "`HOST`", meaning: "address of the WebSocket listener" },
  HTTP_HOST: { schema: v.text.optional(), defaultIs: "`HOST`", meaning: "address of the API and the dashboard" },
  ALLOW_PLAINTEXT: {
    schema: v.flag,
    default: "false",
    meaning: "`true`: listeners without TLS may leave loopback, otherwise the start is refused",
  },
  MQTT_PORT: {
    schema: v.port,
    default: "1883",
    meaning: "MQTT. Of all ports: `0` picks a free one, empty turns it off",
  },
  MQTTS_PORT: { schema: v.port, default: "8883", meaning: "MQTT with TLS, when `TLS_CERT` and `TLS_KEY` are set" },
  MQTT_WS_PORT: { schema: v.port, default: "8083", meaning: "MQTT over WebSocket, path `/mqtt`; `/ingest/*`" },
  HTTP_PORT: { schema: v.port, default: "8080", meaning: "API, dashboard, live stream" },
  PUBLIC_URL: {
    schema: v.url("http", "https").optional(),
    defaultIs: "from host and port",
    meaning: "links, labels, issuer",
  },
  CORS_ORIGINS: { schema: v.list, default: "", meaning: "origins of other pages that may call the API" },
  TLS_CERT: { schema: v.text.optional(), meaning: "file of the certificate chain; read again when it changes" },
  TLS_KEY: { schema: v.text.optional(), meaning: "file of its private key" },
  TLS_CLIENT_CA: { schema: v.text.optional(), meaning: "file of the authority whose client certificates are devices" },
  TLS_CRL: { schema: v.text.optional(), meaning: "file of revoked client certificates" },
  MQTT_ANONYMOUS: {
    schema: v.oneOf("false", "loopback"),
    default: "false",
    meaning: "`loopback`: local clients without credentials may use any topic outside `devices/`",
  },
  MQTT_PROXY_PROTOCOL: {
    schema: v.flag,
    default: "false",
    meaning: "`true` behind a balancer that sends PROXY headers",
  },
  ADMIN_EMAIL: {
    schema: v.email.optional(),
    defaultIs: "none: the first start prints a one-time link",
    meaning: "creates the first administrator if there is none",
  },
  ADMIN_PASSWORD: {
    schema: v.password.optional(),
    meaning: "and the password: 8 to 256 characters, none of the commonest",
    secret: "whole",
  },
  OIDC_ISSUER: {
    schema: v.issuer.optional(),
    meaning: "external identity provider, exactly as it writes itself in `iss`",
  },
  OIDC_AUDIENCE: {
    schema: v.text.optional(),
    meaning: "`aud` of its access tokens for this API; unset: none is accepted",
  },
  OIDC_ROLES_CLAIM: {
    schema: v.text,
    default: "roles",
    meaning:
      "claim that names roles; with dots inside other claims (`realm_access.roles`); the highest known one counts",
  },
  OIDC_CLIENT_ID: {
    schema: v.text.optional(),
    meaning: "for sign-in in the browser by code flow with PKCE; unset: no button",
  },
  OIDC_CLIENT_SECRET: { schema: v.text.optional(), meaning: "its secret; unset: a public client", secret: "whole" },
  SECRETS_KEY: {
    schema: v.keys.optional(),
    defaultIs: "with the embedded Postgres `secrets.key` in `DATA_DIR`, made at first start; else none",
    meaning:
      "seals the secrets of authenticator apps, signing keys, webhooks and push messages in Postgres: 32 bytes in base64 (`openssl rand -base64 32`), the same " +
      "for every API process; of several, separated by spaces or lines, the first seals and all of them open",
    secret: "whole",
  },
  SMTP_URL: {
    schema: v.url("smtp", "smtps").optional(),
    defaultIs: "none: no mail is sent",
    meaning:
      "mail server for notifications, such as `smtps://user:password@mail.example.com`; `?from=alerts@example.com` names the sender",
    secret: "url",
  },
  WEBHOOK_ALLOWED_HOSTS: {
    schema: v.list,
    default: "",
    meaning:
      "hosts, as `host` or `host:port`, to which notifications and webhooks may go though their addresses are private, also by http",
  },
  EVENTS_MQTT_URL: {
    schema: v.url("mqtt", "mqtts", "ws", "wss").optional(),
    meaning: "external broker that gets our events as CloudEvents at QoS 1, under `waystock/events/`",
    secret: "url",
  },
  RELAY: {
    schema: v.oneOf("on", "off"),
    default: "on",
    meaning: "`off`: this API process sends no notifications, webhooks and events; `npm run relay` does",
  },
  MCP: {
    schema: v.oneOf("on", "off"),
    default: "off",
    meaning: "`on` serves `/mcp` to assistants: questions only, with the caller's own role and limits",
  },
  UPSTREAM_MQTT_URL: {
    schema: v.url("mqtt", "mqtts", "ws", "wss").optional(),
    meaning: "external broker cluster to read from, instead of or beside the embedded broker",
    secret: "url",
  },
  UPSTREAM_MQTT_TOPIC: {
    schema: v.list,
    default: "$share/waystock/devices/#",
    meaning:
      "what is read there; several topic filters with commas between them, such as `…,$share/waystock/application/#` for ChirpStack",
  },
  GS1_COMPANY_PREFIX: { schema: v.companyPrefix.optional(), meaning: "makes tracking numbers real SSCCs" },
  JOURNAL_MAX_BYTES: {
    schema: v.bytes.optional(),
    defaultIs: "8 GiB or half the free disk, the smaller",
    meaning: "past it new publishes are not acknowledged until a cursor moves on; about 250 bytes a reading",
  },
  RETENTION_RAW_DAYS: { schema: v.count, default: "30", meaning: "days raw readings are kept" },
  RETENTION_ROLLUP_DAYS: {
    schema: v.count,
    default: "1825",
    meaning: "days hourly sums of places and stock are kept, which analytics are told from",
  },
  QUARANTINE_RETENTION_DAYS: {
    schema: v.count,
    default: "30",
    meaning: "days refused messages are kept: of each device and hour the first 100, up to 1 MiB; the rest are counted",
  },
  AUDIT_RETENTION_DAYS: {
    schema: v.count,
    default: "730",
    meaning: "days the audit is kept; of each source and hour the first 100 refusals; the rest are counted",
  },
  DEVICE_RATE: {
    schema: v.rate,
    default: "100/s,200",
    meaning: "messages of one device: rate, burst; 0/s is no limit",
  },
  CONNECTS_PER_MINUTE: {
    schema: v.count,
    default: "15",
    meaning: "accepted connections of one client id; one more: refused for 5 minutes",
  },
  API_RATE: { schema: v.rate, default: "1000/s", meaning: "requests of one principal" },
  LOGIN_TRIES: { schema: v.attemptLimit, default: "5/15min", meaning: "failed logins per account and address" },
  STOCK_ADJUST_LIMIT: {
    schema: v.adjustLimit,
    default: "10%,10",
    meaning:
      "how much of a level an operator may change without a manager, by setting it, putting or taking: the larger of a share and a number of units. Counts that are asked for or scanned have no limit, nor have moves to another place or condition",
  },
  TRUSTED_PROXIES: {
    schema: v.networks,
    default: "",
    meaning: "addresses or CIDRs whose `X-Forwarded-For` counts; without it the socket's address is the client's",
  },
  LOG_LEVEL: {
    schema: v.oneOf("fatal", "error", "warn", "info", "debug", "trace", "silent"),
    default: "info",
    meaning: "least important line that is logged",
  },
  LOG_PRETTY: { schema: v.flag.optional(), defaultIs: "on a terminal", meaning: "lines for people instead of JSON" },
} as const satisfies Record<string, Variable>;

export type VariableName = keyof typeof variables;

export const variableNames = Object.keys(variables) as VariableName[];

/** A variable under the general type, for code that treats all variables alike. */
export const variableOf = (name: VariableName): Variable => variables[name];

type Shape = { [Name in VariableName]: (typeof variables)[Name]["schema"] };

/** The whole environment as one schema. */
export const environmentSchema = z.object(
  Object.fromEntries(variableNames.map((name) => [name, variables[name].schema])) as Shape,
);

export type Environment = z.output<typeof environmentSchema>;
