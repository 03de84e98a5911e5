import { randomBytes } from "node:crypto";
import { Secret, TOTP } from "otpauth";
import { renderSVG } from "uqr";

/** RFC 6238 as every authenticator app has it: SHA-1, six digits, steps of 30 s. 160 bits are the length of SHA-1's key (RFC 4226 §4). */
const STEP_SECONDS = 30;
const DIGITS = 6;
const SECRET_BYTES = 20;
/** A phone's clock, and a person's typing, may be a step apart from ours (RFC 6238 §5.2). */
const WINDOW = 1;

export const newTotpSecret = (): Buffer => randomBytes(SECRET_BYTES);

function totpOf(secret: Buffer, label: string): TOTP {
  const buffer = new Uint8Array(secret).buffer;
  return new TOTP({
    issuer: "Waystock",
    label,
    secret: new Secret({ buffer }),
    digits: DIGITS,
    period: STEP_SECONDS,
  });
}

/** A secret as a person enters it into an authenticator app: as text, as a link, or by taking a picture. */
export interface TotpEnrolment {
  /** base32 */
  secret: string;
  /** `otpauth://totp/…` */
  uri: string;
  /** the URI as a QR code */
  qr_svg: string;
}

/** @param account names it in the app, e.g. an e-mail address */
export function describeSecret(secret: Buffer, account: string): TotpEnrolment {
  const totp = totpOf(secret, account);
  const uri = totp.toString();
  // The quiet zone that readers need is four modules wide (ISO/IEC 18004 §5.3.8).
  return { secret: totp.secret.base32, uri, qr_svg: renderSVG(uri, { ecc: "M", border: 4, pixelSize: 4 }) };
}

/**
 * Finds the time step that a code belongs to.
 * @param nowMs epoch milliseconds: the app shows codes by the time of day
 * @returns undefined when it is no code of this secret within the window
 */
export function stepOfCode(secret: Buffer, code: string, nowMs: number): number | undefined {
  const delta = totpOf(secret, "").validate({ token: code, timestamp: nowMs, window: WINDOW });
  return delta === null ? undefined : Math.floor(nowMs / 1000 / STEP_SECONDS) + delta;
}

/** Whether a text is shaped like a code of an authenticator app. */
export const isTotpCode = (code: string): boolean => /^\d{6}$/.test(code);
