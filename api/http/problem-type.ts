/** Below this path errors have the names of the EPCIS standard. */
const EPCIS = /^\/epcis(?:\/|$)/;

/** What EPCIS 2.0 calls errors that are not named more closely (its OpenAPI document). */
const EXCEPTIONS: Readonly<Record<number, string>> = {
  400: "ValidationException",
  401: "SecurityException",
  403: "SecurityException",
  404: "NoSuchResourceException",
  406: "NotAcceptableException",
  409: "ResourceAlreadyExistsException",
  413: "CaptureLimitExceededException",
  414: "URITooLongException",
  415: "UnsupportedMediaTypeException",
};

/** The `type` of an error (RFC 9457 §3.1.1): an anchor of the page /docs, or a name of another standard, which has a colon. */
export function typeOfProblem(type: string, status: number, path: string): string {
  if (type.includes(":")) return type;
  if (!EPCIS.test(path) || type !== `status-${status}`) return `/docs#${type}`;
  return `epcisException:${EXCEPTIONS[status] ?? "ImplementationException"}`;
}
