import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A certificate and its key, as files and as text. */
export interface Certificate {
  certFile: string;
  keyFile: string;
  cert: string;
  key: string;
}

/** A certificate authority of its own, made by openssl in a temporary folder. */
export interface Authority {
  caFile: string;
  crlFile: string;
  /** `days` may be negative: then it has expired */
  issue(commonName: string, days?: number): Promise<Certificate>;
  revoke(certificate: Certificate): Promise<void>;
  remove(): Promise<void>;
}

const CONFIG = `
[ca]
default_ca = authority
[authority]
dir = .
database = ./index.txt
serial = ./serial
crlnumber = ./crlnumber
new_certs_dir = .
certificate = ./ca.pem
private_key = ./ca.key
default_md = sha256
default_crl_days = 30
policy = anything
copy_extensions = copy
unique_subject = no
[anything]
commonName = supplied
`;

const stamp = (days: number): string =>
  `${new Date(Date.now() + days * 86_400_000).toISOString().replace(/[-:T]/g, "").slice(0, 14)}Z`;

export async function createAuthority(openssl: string, name: string): Promise<Authority> {
  const folder = await mkdtemp(join(tmpdir(), "waystock-ca-"));
  const ssl = (...args: string[]) => run(openssl, args, { cwd: folder });
  await writeFile(join(folder, "openssl.cnf"), CONFIG);
  await writeFile(join(folder, "index.txt"), "");
  await writeFile(join(folder, "serial"), "1000\n");
  await writeFile(join(folder, "crlnumber"), "01\n");
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  await ssl("req", "-x509", ...newKey, "-keyout", "ca.key", "-out", "ca.pem", "-subj", `/CN=${name}`, "-days", "3650");
  const list = () => ssl("ca", "-config", "openssl.cnf", "-gencrl", "-out", "crl.pem");
  await list();
  let issued = 0;
  return {
    caFile: join(folder, "ca.pem"),
    crlFile: join(folder, "crl.pem"),
    async issue(commonName, days = 30) {
      const at = `${++issued}`;
      const [certFile, keyFile] = [join(folder, `${at}.pem`), join(folder, `${at}.key`)];
      const names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
      await ssl("req", ...newKey, "-keyout", keyFile, "-out", `${at}.csr`, "-subj", `/CN=${commonName}`, ...names);
      const validity = ["-startdate", stamp(-60), "-enddate", stamp(days)];
      await ssl(
        ...["ca", "-config", "openssl.cnf", "-batch", "-notext", "-in", `${at}.csr`, "-out", certFile, ...validity],
      );
      return { certFile, keyFile, cert: await readFile(certFile, "utf8"), key: await readFile(keyFile, "utf8") };
    },
    async revoke({ certFile }) {
      await ssl("ca", "-config", "openssl.cnf", "-revoke", certFile);
      await list();
    },
    remove: () => rm(folder, { recursive: true }),
  };
}
