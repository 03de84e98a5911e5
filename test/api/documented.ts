import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import type { OpenAPIHono } from "@hono/zod-openapi";
import { expect } from "vitest";
import type { ApiEnv } from "../../api/deps.ts";

interface Answer {
  headers?: Record<string, { required?: boolean }>;
  content?: Record<string, unknown>;
}

interface Operation {
  responses: Record<string, Answer | { $ref: string }>;
}

interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { responses: Record<string, Answer> };
}

/** Headers that clients act on: an answer has them only where the document tells so. */
const TOLD_HEADERS = ["ETag", "Link", "Location", "Retry-After", "WWW-Authenticate"];

/**
 * Compares answers with the OpenAPI document: the status must be listed for the operation, with the media type of
 * the body and the headers that clients act on, and a JSON body must match the schema listed for it. Requests that name no operation are left alone.
 */
export class DocumentedAnswers {
  readonly #document: Document;
  readonly #paths: Array<{ path: string; pattern: RegExp }>;
  readonly #ajv: Ajv2020;
  readonly #validators = new Map<string, ValidateFunction>();

  constructor(document: object) {
    this.#document = document as Document;
    this.#paths = Object.keys(this.#document.paths)
      .map((path) => ({ path, pattern: new RegExp(`^${path.replaceAll(".", "\\.").replace(/\{\w+\}/g, "[^/]+")}$`) }))
      // A fixed path such as /devices/import comes before /devices/{id}.
      .sort((a, b) => a.path.split("{").length - b.path.split("{").length);
    this.#ajv = new Ajv2020({ strict: false, allErrors: true });
    addFormats.default(this.#ajv);
    this.#ajv.addSchema(document, "openapi");
  }

  check(method: string, url: string, response: Response, text: string): void {
    const { pathname } = new URL(url, "http://waystock.test");
    const path = this.#paths.find(({ pattern }) => pattern.test(pathname))?.path;
    const operation = path === undefined ? undefined : this.#document.paths[path]![method.toLowerCase()];
    if (path === undefined || operation === undefined) return;
    const where = `${method} ${path} answers ${response.status}`;
    const told = operation.responses[String(response.status)];
    expect(told, `${where}, which its document does not tell`).toBeDefined();
    const [name] = "$ref" in told! ? told.$ref.split("/").slice(-1) : [];
    const answer = name === undefined ? (told as Answer) : this.#document.components.responses[name]!;
    const pointer =
      name === undefined
        ? ["paths", path, method.toLowerCase(), "responses", String(response.status)]
        : ["components", "responses", name];
    for (const header of TOLD_HEADERS) {
      if (response.headers.has(header))
        expect(Object.keys(answer.headers ?? {}), `${where} with ${header}`).toContain(header);
    }
    const type = response.headers.get("Content-Type")?.split(";")[0] ?? "";
    if (text === "" && type === "") return;
    expect(Object.keys(answer.content ?? {}), `${where} with a body of type ${type}`).toContain(type);
    if (!type.endsWith("json")) return;
    const validate = this.#validatorOf([...pointer, "content", type, "schema"]);
    validate(JSON.parse(text));
    expect(validate.errors ?? [], where).toEqual([]);
  }

  #validatorOf(steps: readonly string[]): ValidateFunction {
    const pointer = steps.map((step) => encodeURIComponent(step.replaceAll("~", "~0").replaceAll("/", "~1"))).join("/");
    let validate = this.#validators.get(pointer);
    if (!validate) this.#validators.set(pointer, (validate = this.#ajv.compile({ $ref: `openapi#/${pointer}` })));
    return validate;
  }
}

/** By what the document of an API depends on: making one takes as long as many a test. */
const known = new Map<string, DocumentedAnswers>();

/**
 * Makes every request of a test compare its answer with the document that the API itself serves.
 * @param variant the same for APIs with the same document
 */
export async function compareWithDocument(app: OpenAPIHono<ApiEnv>, variant: string): Promise<void> {
  const request = app.request.bind(app);
  const documented =
    known.get(variant) ?? new DocumentedAnswers((await (await request("/openapi.json")).json()) as object);
  known.set(variant, documented);
  app.request = async (input, init, ...rest) => {
    const response = await request(input, init, ...rest);
    const method = input instanceof Request ? input.method : (init?.method ?? "GET");
    if (response.headers.get("Content-Type")?.startsWith("text/event-stream") === true) return response;
    const text = await response.clone().text();
    documented.check(method, input instanceof Request ? input.url : String(input), response, text);
    return response;
  };
}
