import { createDecipheriv, createECDH, hkdfSync, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { importJWK, jwtVerify } from "jose";

/** A message as a browser has it after decrypting. */
export interface ReceivedPush {
  payload: { title: string; body: string; url: string; tag: string };
  headers: IncomingMessage["headers"];
}

/** A browser that is subscribed at a push service: its keys never leave it. */
export interface TestBrowser {
  endpoint: string;
  /** what its page sends to the API */
  subscription: { endpoint: string; keys: { p256dh: string; auth: string } };
  received: ReceivedPush[];
  /** what its push service answers the next messages; undefined: 201, and the browser has it */
  refuse: { status: number; headers?: Record<string, string> } | undefined;
}

export interface PushReceiver {
  url: string;
  /** subscribes a browser for the key of an installation, as `GET /push-key` gives it */
  browser(publicKey: string): TestBrowser;
  /** asked when a message has come whole and is not accepted yet; false: the connection is cut */
  accepts: (() => Promise<boolean>) | undefined;
  /** why messages were no good: a wrong signature, or what cannot be decrypted */
  faults: string[];
  close(): Promise<void>;
}

/** A push service on loopback (RFC 8030) with its browsers: it checks who has signed (RFC 8292), and they decrypt (RFC 8291). */
export async function startPushReceiver(): Promise<PushReceiver> {
  const browsers = new Map<string, TestBrowser & { key: string; open: (body: Buffer) => string }>();
  const state: Pick<PushReceiver, "accepts"> = { accepts: undefined };
  const faults: string[] = [];
  let url = "";
  const server = createServer((request, response) => {
    const take = async (): Promise<void> => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const browser = browsers.get(request.url ?? "");
      if (browser === undefined) return void response.writeHead(404).end();
      if (browser.refuse !== undefined)
        return void response.writeHead(browser.refuse.status, browser.refuse.headers).end("not now");
      await checkSignature(request.headers.authorization ?? "", browser.key, url);
      const payload = JSON.parse(browser.open(Buffer.concat(chunks))) as ReceivedPush["payload"];
      if ((await state.accepts?.()) === false) return void request.socket.destroy();
      browser.received.push({ payload, headers: request.headers });
      response.writeHead(201).end();
    };
    take().catch((error: unknown) => {
      faults.push(String(error));
      response.writeHead(400).end(String(error));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(state, {
    url,
    faults,
    browser(publicKey: string) {
      const path = `/push/${randomBytes(12).toString("base64url")}`;
      const own = createECDH("prime256v1");
      const p256dh = own.generateKeys();
      const auth = randomBytes(16);
      const keys = { p256dh: p256dh.toString("base64url"), auth: auth.toString("base64url") };
      const endpoint = `${url}${path}`;
      const browser = {
        ...{ endpoint, subscription: { endpoint, keys }, received: [], refuse: undefined, key: publicKey },
        open: (body: Buffer) => decrypted(body, own.getPrivateKey(), p256dh, auth),
      };
      browsers.set(path, browser);
      return browser as TestBrowser;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

/** RFC 8292 §3: `vapid t=…, k=…`, by the key that the browser has subscribed for, for this push service, for a day at most. */
async function checkSignature(authorization: string, publicKey: string, audience: string): Promise<void> {
  const { token, key } = /^vapid t=(?<token>[^,]+), ?k=(?<key>[\w-]+)$/.exec(authorization)?.groups ?? {};
  if (key !== publicKey) throw new Error(`signed by another key: ${authorization}`);
  const point = Buffer.from(publicKey, "base64url");
  const [x, y] = [point.subarray(1, 33).toString("base64url"), point.subarray(33).toString("base64url")];
  const verifier = await importJWK({ kty: "EC", crv: "P-256", x, y }, "ES256");
  const { payload } = await jwtVerify(token ?? "", verifier, { audience, requiredClaims: ["exp", "sub"] });
  if (payload.exp! > Date.now() / 1000 + 24 * 3600) throw new Error("the signature is valid for too long");
  if (!/^(?:mailto:|https:)/.test(payload.sub ?? "")) throw new Error("nobody is named who may be asked");
}

/** RFC 8188 with the keys of RFC 8291 §3.4: one record. */
function decrypted(body: Buffer, privateKey: Buffer, publicKey: Buffer, auth: Buffer): string {
  const salt = body.subarray(0, 16);
  const idLength = body.readUInt8(20);
  const sender = body.subarray(21, 21 + idLength);
  const record = body.subarray(21 + idLength);
  const own = createECDH("prime256v1");
  own.setPrivateKey(privateKey);
  const info = Buffer.concat([Buffer.from("WebPush: info\0"), publicKey, sender]);
  const secret = Buffer.from(hkdfSync("sha256", own.computeSecret(sender), auth, info, 32));
  const derive = (name: string, length: number) =>
    Buffer.from(hkdfSync("sha256", secret, salt, Buffer.from(`Content-Encoding: ${name}\0`), length));
  const decipher = createDecipheriv("aes-128-gcm", derive("aes128gcm", 16), derive("nonce", 12));
  decipher.setAuthTag(record.subarray(-16));
  const padded = Buffer.concat([decipher.update(record.subarray(0, -16)), decipher.final()]);
  // The last record ends with 2 and zeros.
  return padded.subarray(0, padded.lastIndexOf(2)).toString("utf8");
}
