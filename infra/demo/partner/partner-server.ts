import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { Logger } from "pino";
import { isPortFree } from "../../runtime/free-port.ts";
import type { Books } from "./books.ts";
import type { Keepsakes } from "./keepsakes.ts";
import { isEpcisGenuine, isWebhookGenuine } from "./signatures.ts";

export interface PartnerServer {
  /** `http://127.0.0.1:{port}`; the ERP answers below `/erp/` */
  url: string;
  /** `host:port`, for WEBHOOK_ALLOWED_HOSTS */
  host: string;
  keepsakes: Keepsakes;
  close(): Promise<void>;
}

const HOST = "127.0.0.1";
/** Lines on the page that says what has come. */
const SHOWN = 200;

interface Reply {
  status: number;
  body?: string;
  type?: string;
  headers?: Record<string, string>;
}

/**
 * The other side of the demo's integrations, a small server on loopback in the demo's own process: an ERP that gives tables and takes
 * files, a receiver of webhooks, and one of EPCIS documents. It checks what a real one should check. `GET /` tells what has come.
 */
export async function startPartnerServer(books: Books, keepsakes: Keepsakes, log: Logger): Promise<PartnerServer> {
  const came: string[] = [];
  const note = (line: string): void => {
    came.push(`${new Date().toISOString()}  ${line}`);
    if (came.length > SHOWN) came.shift();
  };

  function takeWebhook({ headers }: IncomingMessage, body: string): Reply {
    if (!isWebhookGenuine(headers, body, keepsakes.webhook))
      return { status: 401, body: "the signature is not right\n" };
    const { type, subject } = JSON.parse(body) as { type: string; subject: string };
    note(`webhook  ${type}  ${subject}`);
    return { status: 204 };
  }

  function takeEpcis({ headers }: IncomingMessage, body: string): Reply {
    if (!isEpcisGenuine(headers, body, keepsakes.epcis)) return { status: 401, body: "the signature is not right\n" };
    const { epcisBody } = JSON.parse(body) as EpcisDocument;
    for (const { type, bizStep = "" } of epcisBody.queryResults.resultsBody.eventList)
      note(`EPCIS    ${type}  ${bizStep}`);
    return { status: 204 };
  }

  async function answerErp({ method, headers }: IncomingMessage, path: string, body: string): Promise<Reply> {
    if (headers.authorization !== `Bearer ${keepsakes.erp}`)
      return { status: 401, headers: { "WWW-Authenticate": "Bearer" }, body: "a bearer token is needed\n" };
    if (method === "PUT") {
      const outcome = await books.put(path, body);
      if (outcome === "refused") return { status: 403, body: "documents are put below outbox/\n" };
      if (outcome === "taken") note(`ERP      ${path}`);
      return { status: outcome === "taken" ? 201 : 204 };
    }
    const table = await books.read(path);
    return table === undefined
      ? { status: 404, body: "there is no such file\n" }
      : { status: 200, body: table, type: "text/csv; charset=utf-8" };
  }

  async function answer(request: IncomingMessage): Promise<Reply> {
    const { pathname } = new URL(request.url ?? "/", "http://partner");
    const body = await text(request);
    if (pathname.startsWith("/erp/")) return answerErp(request, pathname.slice("/erp/".length), body);
    switch (`${request.method} ${pathname}`) {
      case "POST /webhooks":
        return takeWebhook(request, body);
      case "POST /epcis":
        return takeEpcis(request, body);
      case "GET /":
        return { status: 200, body: pageOf(came) };
      default:
        return { status: 404, body: "there is nothing here\n" };
    }
  }

  const server = createServer((request, response) => {
    answer(request).then(
      (reply) => send(response, reply),
      (error: unknown) => {
        log.warn({ err: error, url: request.url }, "the demo's partner could not answer");
        send(response, { status: 500, body: "this partner has a fault\n" });
      },
    );
  });
  const { port: wanted } = keepsakes;
  server.listen((await isPortFree({ host: HOST, port: wanted })) ? wanted : 0, HOST);
  await once(server, "listening");
  keepsakes.port = (server.address() as AddressInfo).port;
  const host = `${HOST}:${keepsakes.port}`;
  return {
    url: `http://${host}`,
    host,
    keepsakes,
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

interface EpcisDocument {
  epcisBody: { queryResults: { resultsBody: { eventList: { type: string; bizStep?: string }[] } } };
}

function send(response: ServerResponse, { status, body, type = "text/plain; charset=utf-8", headers }: Reply): void {
  response.writeHead(status, { ...headers, ...(body !== undefined && { "Content-Type": type }) }).end(body);
}

const pageOf = (came: readonly string[]): string =>
  came.length === 0
    ? "Nothing has come from the platform yet.\n"
    : `What the platform has told its partners, the newest first:\n\n${came.toReversed().join("\n")}\n`;
