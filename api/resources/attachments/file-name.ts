import { endingsOf } from "./media-type.ts";

const MAX_NAME_LENGTH = 120;
/** Names that Windows keeps for devices. */
const RESERVED = /^(?:con|prn|aux|nul|com\d|lpt\d)$/i;

/**
 * A name that any system can store and that shows what the file is: without folders, without control characters and those that turn
 * the direction of writing (`photo\u202Egnp.exe` reads as `photoexe.png`), with an ending of its type.
 */
export function cleanName(given: string, mediaType: string): string {
  const plain = given
    .normalize("NFC")
    .replace(/^.*[\\/]/, "")
    .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}]/gu, "")
    .replace(/[<>:"|?*%]/g, "_")
    .replace(/\s+/g, " ")
    .replace(/^[. ]+|[. ]+$/g, "");
  const [, before = plain, ending] = /^(.+)\.([A-Za-z0-9]{1,8})$/.exec(plain) ?? [];
  const endings = endingsOf(mediaType);
  const fits = ending !== undefined && endings.includes(ending.toLowerCase());
  // The ending of another type stays within the name: `invoice.exe.pdf`.
  const [name, last] = fits ? [before, ending.toLowerCase()] : [plain, endings[0] ?? "bin"];
  // Half of a surrogate pair is no character.
  const short = name
    .slice(0, MAX_NAME_LENGTH)
    .replace(/[\uD800-\uDBFF]$/, "")
    .trimEnd();
  const safe = short === "" ? "file" : RESERVED.test(short) ? `_${short}` : short;
  return `${safe}.${last}`;
}

/** `Content-Disposition` of a file that is saved and not shown (RFC 6266). */
export function dispositionOf(name: string): string {
  const ascii = name.replace(/[^\x20-\x7E]|["\\]/g, "_");
  const encoded = encodeURIComponent(name).replace(
    /['()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
