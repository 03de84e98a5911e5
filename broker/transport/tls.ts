import { constants } from "node:crypto";
import { unwatchFile, watchFile } from "node:fs";
import { readFile } from "node:fs/promises";
import { createSecureContext, type SecureContextOptions, type Server, type TLSSocket, type TlsOptions } from "node:tls";
import type { Logger } from "pino";
import { certificateId, readRevokedCertificates } from "./certificate-revocation.ts";

const LOOK_MS = 1000;
/** certificate and key are two files: let both be written */
const SETTLE_MS = 300;

/** Files of a server's identity, and of the authority whose client certificates stand for devices. */
export interface TlsFiles {
  certFile: string;
  keyFile: string;
  /** undefined: no client certificates */
  clientCaFile: string | undefined;
  /** revoked client certificates */
  crlFile: string | undefined;
}

interface TlsContent {
  context: SecureContextOptions;
  /** client certificates, by `certificateNumber` */
  revoked: ReadonlySet<string>;
}

/** @throws naming the file that cannot be read, or saying that certificate and key do not belong together */
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
    // A resumed session would not look at the revocation list again.
    ...(ca && { secureOptions: constants.SSL_OP_NO_TICKET }),
  };
  createSecureContext(context);
  return { context, revoked: readRevokedCertificates(crl?.toString("latin1") ?? "") };
}

/** The TLS side of all listeners: options to make servers with, renewed when a file changes. */
export class TlsIdentity {
  readonly #files: TlsFiles;
  readonly #log: Logger;
  readonly #servers = new Set<Server>();
  #content: TlsContent;
  /** the revocation list has been read anew: time to look at the connections that are open */
  onRevocation: () => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #changed = (): void => {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#reload(), SETTLE_MS);
  };

  private constructor(files: TlsFiles, content: TlsContent, log: Logger) {
    this.#files = files;
    this.#content = content;
    this.#log = log;
    for (const path of this.#paths()) watchFile(path, { interval: LOOK_MS, persistent: false }, this.#changed);
  }

  static async open(files: TlsFiles, log: Logger): Promise<TlsIdentity> {
    return new TlsIdentity(files, await readFiles(files), log);
  }

  /** Whether a client certificate is asked for; one that does not hold is refused by `certificateOf`. */
  get options(): TlsOptions {
    const asks = this.#files.clientCaFile !== undefined;
    return { ...this.#content.context, requestCert: asks, rejectUnauthorized: false, handshakeTimeout: 5000 };
  }

  /** Keeps the server's certificates new; sessions that are open go on with the old ones. */
  renew(server: Server): void {
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
      this.#log.info("broker: new certificates are in use");
      this.onRevocation();
    } catch (cause) {
      this.#log.error({ err: cause }, "broker: the changed certificates cannot be used; the old ones stay");
    }
  }

  /** @param number of a client certificate; a session that is open does not look at the list again by itself */
  isRevoked(number: string): boolean {
    return this.#content.revoked.has(number);
  }

  /**
   * Whom a client's certificate names (its CN); `name: undefined` when it sent none.
   * @returns why the certificate does not hold: authority, dates, revocation
   */
  certificateOf(
    socket: TLSSocket,
  ): { name: undefined; number?: undefined } | { name: string; number: string } | { refused: string } {
    const { subject, raw } = socket.getPeerCertificate();
    if (subject === undefined) return { name: undefined };
    if (!socket.authorized) return { refused: `client certificate: ${String(socket.authorizationError)}` };
    const number = certificateId(raw);
    if (this.isRevoked(number)) return { refused: "client certificate: revoked since it came" };
    const name: unknown = subject.CN;
    return typeof name === "string" && name !== "" ? { name, number } : { refused: "client certificate: not one CN" };
  }
}
