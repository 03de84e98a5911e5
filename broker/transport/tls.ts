import { constants } from "node:crypto";
import { unwatchFile, watchFile } from "node:fs";
import { readFile } from "node:fs/promises";
import { createSecureContext, type SecureContextOptions, type Server, type TLSSocket, type TlsOptions } from "node:tls";
import type { Logger } from "pino";
import { certificateId, readRevokedCertificates } from "./certificate-revocation.ts";

const WATCH_INTERVAL_MS = 1000;
/** certificate and key are two files: wait until both are written */
const SETTLE_MS = 300;

/** The server's certificate and key, and the authority whose client certificates identify devices (PEM files). */
export interface TlsFiles {
  certFile: string;
  keyFile: string;
  /** undefined: client certificates are not requested */
  clientCaFile: string | undefined;
  /** revocation lists of client certificates */
  crlFile: string | undefined;
}

interface TlsContent {
  context: SecureContextOptions;
  /** revoked client certificates by `certificateId` */
  revoked: ReadonlySet<string>;
}

/** @throws an error that names the unreadable file, or says that certificate and key do not match */
async function readFiles(files: TlsFiles): Promise<TlsContent> {
  const read = (path: string | undefined) => (path === undefined ? undefined : readFile(path));
  const [cert, key, ca, crl] = await Promise.all([
    read(files.certFile),
    read(files.keyFile),
    read(files.clientCaFile),
    read(files.crlFile),
  ]);
  const context: SecureContextOptions = {
    ...(cert && { cert }),
    ...(key && { key }),
    ...(ca && { ca }),
    ...(crl && { crl }),
    minVersion: "TLSv1.2",
    // A client could ask for one handshake after the other on one connection (TLS 1.2). And a resumed TLS session would
    // skip the check against the revocation list.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION | (ca ? constants.SSL_OP_NO_TICKET : 0),
  };
  createSecureContext(context);
  return { context, revoked: readRevokedCertificates(crl?.toString("latin1") ?? "") };
}

/** The TLS options of all listeners of a process, of the broker or the API, reloaded when one of the files changes. */
export class TlsIdentity {
  readonly #files: TlsFiles;
  readonly #log: Logger;
  readonly #servers = new Set<Server>();
  #content: TlsContent;
  /** called after a reload, since a connection that is open may use a certificate that is now revoked */
  onReload: () => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #changed = (): void => {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#reload(), SETTLE_MS);
  };

  private constructor(files: TlsFiles, content: TlsContent, log: Logger) {
    this.#files = files;
    this.#content = content;
    this.#log = log;
    for (const path of this.#paths())
      watchFile(path, { interval: WATCH_INTERVAL_MS, persistent: false }, this.#changed);
  }

  static async open(files: TlsFiles, log: Logger): Promise<TlsIdentity> {
    return new TlsIdentity(files, await readFiles(files), log);
  }

  /** Options for a TLS server. The handshake accepts any client certificate; `certificateOf` refuses invalid ones. */
  get options(): TlsOptions {
    const requestCert = this.#files.clientCaFile !== undefined;
    return { ...this.#content.context, requestCert, rejectUnauthorized: false, handshakeTimeout: 5000 };
  }

  /** Gives the server new certificates after every reload. Open TLS sessions keep the old ones. */
  keepUpdated(server: Server): void {
    this.#servers.add(server);
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const path of this.#paths()) unwatchFile(path, this.#changed);
  }

  #paths(): string[] {
    const { certFile, keyFile, clientCaFile, crlFile } = this.#files;
    return [certFile, keyFile, clientCaFile, crlFile].filter((path) => path !== undefined);
  }

  async #reload(): Promise<void> {
    try {
      this.#content = await readFiles(this.#files);
      for (const server of this.#servers) server.setSecureContext(this.#content.context);
      this.#log.info("TLS certificates reloaded");
      this.onReload();
    } catch (cause) {
      this.#log.error({ err: cause }, "the changed TLS certificates cannot be used; the old ones stay in use");
    }
  }

  /** Whether the revocation list as last read names this certificate. */
  isRevoked(id: string): boolean {
    return this.#content.revoked.has(id);
  }

  /**
   * Checks the client's certificate: authority, dates, revocation, and one common name (CN).
   * @returns its name and `certificateId`; `name: undefined` where the client sent none; the reason where it is invalid
   */
  certificateOf(
    socket: TLSSocket,
  ): { name: undefined; id?: undefined } | { name: string; id: string } | { invalid: string } {
    const { subject, raw } = socket.getPeerCertificate();
    if (subject === undefined) return { name: undefined };
    if (!socket.authorized) return { invalid: `client certificate: ${String(socket.authorizationError)}` };
    const id = certificateId(raw);
    if (this.isRevoked(id)) return { invalid: "client certificate: revoked" };
    const name: unknown = subject.CN;
    return typeof name === "string" && name !== ""
      ? { name, id }
      : { invalid: "client certificate: expected exactly one CN" };
  }
}
