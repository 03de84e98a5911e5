import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";

/** AES-256-GCM (NIST SP 800-38D): a nonce of 96 bits, drawn at random for each text, and a tag of 128. */
const CIPHER = "aes-256-gcm";
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** The first byte of everything sealed, so that the layout may change. */
const LAYOUT = 1;
const KEY_ID_BYTES = 8;
const NONCE_AT = 1 + KEY_ID_BYTES;
const TEXT_AT = NONCE_AT + NONCE_BYTES;

/** A secret as Postgres keeps it. */
export interface KeptSecret {
  plain: Buffer | null;
  sealed: Buffer | null;
}

/**
 * Encrypts secrets that are needed back, for keeping in Postgres. A sealed secret is laid out as: 1, key id (8 bytes), nonce (12),
 * ciphertext, tag (16). `context` says what the secret is of, such as `second_factor:7`; it is authenticated, so that a row's secret does not
 * open as another row's.
 */
export class Sealer {
  /** of the key that seals, hexadecimal: the beginning of its SHA-256; undefined without any key */
  readonly keyId: string | undefined;
  readonly #keys: ReadonlyMap<string, Buffer>;

  /**
   * @param keys of 32 bytes each. The first one seals, and all of them open, so that a key can be changed. Without any, secrets are
   * kept plain.
   */
  constructor(keys: readonly Buffer[]) {
    if (keys.some(({ length }) => length !== KEY_BYTES)) throw new RangeError(`expected keys of ${KEY_BYTES} bytes`);
    this.#keys = new Map(keys.map((key) => [idOf(key), key]));
    this.keyId = keys[0] && idOf(keys[0]);
  }

  /** How a secret is kept: one of the two columns is null. */
  keep(secret: Buffer, context: string): KeptSecret {
    if (this.keyId === undefined) return { plain: secret, sealed: null };
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.#keys.get(this.keyId)!, nonce).setAAD(Buffer.from(context, "utf8"));
    const text = [cipher.update(secret), cipher.final()];
    const head = [Buffer.of(LAYOUT), Buffer.from(this.keyId, "hex"), nonce];
    return { plain: null, sealed: Buffer.concat([...head, ...text, cipher.getAuthTag()]) };
  }

  /** The secret that is kept so; undefined: this process lacks its key, or it was changed, or it is of another context. */
  read({ plain, sealed }: KeptSecret, context: string): Buffer | undefined {
    return plain ?? (sealed === null ? undefined : this.#open(sealed, context));
  }

  #open(sealed: Buffer, context: string): Buffer | undefined {
    const keyId = sealed[0] === LAYOUT && sealed.length >= TEXT_AT + TAG_BYTES && sealed.toString("hex", 1, NONCE_AT);
    const key = this.#keys.get(keyId || "");
    if (key === undefined) return undefined;
    const nonce = sealed.subarray(NONCE_AT, TEXT_AT);
    const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(context, "utf8")).setAuthTag(sealed.subarray(-TAG_BYTES));
    try {
      return Buffer.concat([decipher.update(sealed.subarray(TEXT_AT, -TAG_BYTES)), decipher.final()]);
    } catch {
      return undefined; // The tag does not fit.
    }
  }
}

const idOf = (key: Buffer): string =>
  createHash("sha256").update(key).digest().subarray(0, KEY_ID_BYTES).toString("hex");
