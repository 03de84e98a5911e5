const MASK = "***";
const SECRET_NAME = "(?:pass(?:word|wd|phrase)?|secret|token|authorization|cookie|api[_-]?key|profile[_-]?key)";

/**
 * What a secret looks like, wherever it stands: in a URL, a header, a query, JSON, a message of an error. Each pattern
 * reads a text once (no repetition inside a repetition): strangers choose what is logged.
 */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  // the password of a URL: postgres://user:password@host
  [/([a-z][a-z0-9+.-]{0,20}:\/\/[^\s/:@"']{0,256}):[^\s/@"']{1,1024}@/gi, `$1:${MASK}@`],
  // the header Authorization
  [/\b(Bearer|Basic|Token)\s{1,4}[A-Za-z0-9._~+/=-]{8,}/gi, `$1 ${MASK}`],
  // tokens (RFC 7519): two or three parts in base64url, of which the first begins with {"
  [/(?<![\w-])eyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?/g, MASK],
  // a device's secret in a path: /ingest/{decoder}/{deviceId}/{secret}
  [/(\/ingest\/[a-z0-9-]{1,64}\/[^/\s?#"']{1,256}\/)[^/\s?#"']+/g, `$1${MASK}`],
  // password=… of a query or a form
  [new RegExp(`(?<![\\w-])([\\w-]{0,40}${SECRET_NAME}=)[^\\s&"',;)}\\\\]+`, "gi"), `$1${MASK}`],
  // "password":"…", also inside a JSON text
  [new RegExp(`(\\\\?")([\\w-]{0,40}${SECRET_NAME})\\1:\\s{0,4}\\1[^"\\\\]*`, "gi"), `$1$2$1:$1${MASK}`],
  // secrets that this platform makes: 256 random bits in base64url. A link that is printed to be used once stays whole.
  [/(?<![\w-])(?<!#\/setup\/)(?=[\d_A-Z-]*[a-z])(?=[\d_a-z-]*[A-Z])[\w-]{43}(?![\w-])/g, MASK],
];

/** Replaces what is shaped like a secret by `***`. For logs, the audit, and errors that are answered. */
export function maskSecrets(text: string): string {
  let masked = text;
  for (const [pattern, replacement] of PATTERNS) masked = masked.replace(pattern, replacement);
  return masked;
}
