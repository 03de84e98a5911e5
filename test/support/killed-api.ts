import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../infra/runtime/free-port.ts";
import { Launched } from "./launched.ts";

const ADMIN = { email: "kills@test.example", password: "correct horse battery staple" };
/** Not a limit of what is tested: machines are busy. */
const ANSWERS_WITHIN_MS = 180_000;

/** An API client, as `POST /api-clients` answers. */
interface Client {
  client_id: string;
  client_secret: string;
}

interface Answer {
  status: number;
  headers: Headers;
  body: unknown;
}

/** The API with its relay, as `npm run api` starts it, on a port that stays: a test kills it and starts it again. */
export class KilledApi {
  readonly #environment: Record<string, string>;
  readonly #url: string;
  readonly #client: Client | undefined;
  #child: Launched | undefined;
  #token: string | undefined;
  #requests = 0;

  private constructor(port: number, environment: Record<string, string>, client: Client | undefined) {
    this.#url = `http://127.0.0.1:${port}`;
    this.#client = client;
    this.#environment = {
      ADMIN_EMAIL: ADMIN.email,
      ADMIN_PASSWORD: ADMIN.password,
      API_RATE: "10000/s",
      LOGIN_TRIES: "1000/15min",
      WEBHOOK_ALLOWED_HOSTS: "127.0.0.1",
      // That of the tests: the secrets of what they have made are read with it.
      SECRETS_KEY: Buffer.alloc(32, 7).toString("base64"),
      HTTP_PORT: String(port),
      ...environment,
    };
  }

  /**
   * @param environment such as DATABASE_URL, of a database with its schema
   * @param client in whose name it is asked; without one an administrator is made, where there is none
   */
  static async start(environment: Record<string, string>, client?: Client): Promise<KilledApi> {
    const api = new KilledApi(await freePort("127.0.0.1"), environment, client);
    api.start();
    return api;
  }

  start(): void {
    this.#child = new Launched("api", this.#environment);
  }

  /** SIGKILL, from one moment to the next. */
  kill(): void {
    if (this.#child !== undefined && !this.#child.hasEnded) process.kill(this.#child.pid, "SIGKILL");
  }

  /** after `kill` */
  async ends(): Promise<void> {
    await this.#child?.ends();
  }

  async close(): Promise<void> {
    this.kill();
    await this.ends();
  }

  /**
   * A request as a client with patience makes it: while the API is away it comes again, under the same Idempotency-Key. It gives the first
   * answer that is none of a fault.
   */
  async ask(call: string, body?: unknown): Promise<Answer> {
    const [method, path] = call.split(" ") as [string, string];
    const key = method === "GET" ? {} : { "Idempotency-Key": `kills-${(this.#requests += 1)}` };
    for (const deadline = performance.now() + ANSWERS_WITHIN_MS; ; await sleep(50)) {
      const answer = await this.#once(method, path, key, body).catch((error: unknown) => error as Error);
      if (!(answer instanceof Error) && answer.status < 500 && answer.status !== 401) return answer;
      // Its token has expired.
      if (!(answer instanceof Error) && answer.status === 401) this.#token = undefined;
      if (performance.now() > deadline)
        throw new Error(`${call} is not answered: ${this.#child?.output.slice(-4_000)}`, { cause: answer });
    }
  }

  async #once(method: string, path: string, headers: Record<string, string>, body: unknown): Promise<Answer> {
    this.#token ??= await this.#signIn();
    const response = await fetch(`${this.#url}${path}`, {
      method,
      headers: { ...headers, Authorization: `Bearer ${this.#token}`, "Content-Type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === "" ? undefined : JSON.parse(text) };
  }

  async #signIn(): Promise<string> {
    const response =
      this.#client === undefined
        ? await fetch(`${this.#url}/auth/login`, {
            method: "POST",
            headers: { "Content-Type": "application/json" },
            body: JSON.stringify(ADMIN),
          })
        : await fetch(`${this.#url}/oauth/token`, {
            method: "POST",
            body: new URLSearchParams({ grant_type: "client_credentials", ...this.#client }),
          });
    if (!response.ok) throw new Error(`nobody can sign in: ${response.status}`);
    return ((await response.json()) as { access_token: string }).access_token;
  }
}
