import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";

/** A mail that an SMTP server has taken in. */
export interface ReceivedMail {
  to: string[];
  from: string;
  /** by its name in lower case; folded lines are joined */
  header(name: string): string | undefined;
  /** with the header, as it came; quoted-printable is decoded */
  text: string;
}

export interface MailServer {
  url: string;
  port: number;
  mails: ReceivedMail[];
  /** those to this address */
  to(address: string): ReceivedMail[];
  /** SMTP answers to the next recipients, e.g. `550 no such mailbox`; undefined: they are accepted */
  refuse: string | undefined;
  /** asked when a message has come whole and is not accepted yet; false: it is not (451) */
  accepts: ((mail: ReceivedMail) => Promise<boolean>) | undefined;
  close(): Promise<void>;
}

/** A real SMTP server on loopback. @param port 0: a free one */
export async function startMailServer(port = 0): Promise<MailServer> {
  const mails: ReceivedMail[] = [];
  const state: Pick<MailServer, "refuse" | "accepts"> = { refuse: undefined, accepts: undefined };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS", "AUTH"],
    disableReverseLookup: true,
    logger: false,
    onRcptTo(_address, _session, callback) {
      if (state.refuse === undefined) return callback();
      const [code, ...words] = state.refuse.split(" ");
      callback(Object.assign(new Error(words.join(" ")), { responseCode: Number(code) }));
    },
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const { mailFrom, rcptTo } = session.envelope;
        const from = mailFrom === false ? "" : mailFrom.address;
        const to = rcptTo.map(({ address }) => address);
        const mail = mailOf(Buffer.concat(chunks).toString("utf8"), from, to);
        const isAccepted = async (): Promise<boolean> => (await state.accepts?.(mail)) ?? true;
        const answer = async (): Promise<void> => {
          if (!(await isAccepted())) return callback(Object.assign(new Error("not now"), { responseCode: 451 }));
          mails.push(mail);
          callback(null, "queued as 4711");
        };
        void answer();
      });
    },
  });
  server.on("error", () => undefined);
  const listening = server.listen(port, "127.0.0.1");
  await once(listening, "listening");
  const bound = (listening.address() as AddressInfo).port;
  return Object.assign(state, {
    url: `smtp://127.0.0.1:${bound}?from=alerts@waystock.test`,
    port: bound,
    mails,
    to: (address: string) => mails.filter(({ to }) => to.includes(address)),
    close: () => new Promise<void>((resolve) => server.close(resolve)),
  });
}

function mailOf(raw: string, from: string, to: string[]): ReceivedMail {
  const [head = "", ...body] = raw.split("\r\n\r\n");
  const lines = head.replace(/\r\n[ \t]+/g, " ").split("\r\n");
  const text = body
    .join("\r\n\r\n")
    .replace(/=\r\n/g, "")
    .replace(/(?:=[0-9A-F]{2})+/g, (codes) => Buffer.from(codes.replaceAll("=", ""), "hex").toString("utf8"));
  return {
    from,
    to,
    text: `${lines.join("\n")}\n\n${text}`,
    header: (name) =>
      lines
        .find((line) => line.toLowerCase().startsWith(`${name}:`))
        ?.slice(name.length + 1)
        .trim(),
  };
}

export interface ReceivedPost {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface HttpReceiver {
  /** e.g. `http://127.0.0.1:40123` */
  url: string;
  posts: ReceivedPost[];
  /** those to this path */
  at(path: string): ReceivedPost[];
  /** what the next requests are answered */
  answer: HttpAnswer;
  /** what requests to a path are answered instead, at once or later */
  answers: Map<string, (post: ReceivedPost) => HttpAnswer | Promise<HttpAnswer>>;
  close(): Promise<void>;
}

export interface HttpAnswer {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

/** A real HTTP server on loopback that writes down what is posted to it. @param port 0: a free one */
export async function startHttpReceiver(port = 0): Promise<HttpReceiver> {
  const posts: ReceivedPost[] = [];
  const receiver: Pick<HttpReceiver, "answer" | "answers"> = {
    answer: { status: 200, body: "ok" },
    answers: new Map(),
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { url = "", headers } = request;
      const post = { path: url, headers, body: Buffer.concat(chunks).toString("utf8") };
      posts.push(post);
      const send = ({ status, headers: given = {}, body = "" }: HttpAnswer) =>
        void response.writeHead(status, given).end(body);
      void Promise.resolve(receiver.answers.get(url)?.(post) ?? receiver.answer).then(send);
    });
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return Object.assign(receiver, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    posts,
    at: (path: string) => posts.filter((post) => post.path === path),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}
