import { fileTypeFromBuffer } from "file-type";

const OFFICE = "application/vnd.openxmlformats-officedocument";
const OPEN_DOCUMENT = "application/vnd.oasis.opendocument";

/** What is kept, with the endings that a file of it may have; the first is given to one that has another. */
const ENDINGS: Readonly<Record<string, readonly string[]>> = {
  "image/jpeg": ["jpg", "jpeg"],
  "image/png": ["png"],
  "image/gif": ["gif"],
  "image/webp": ["webp"],
  "image/avif": ["avif"],
  "image/heic": ["heic"],
  "image/tiff": ["tif", "tiff"],
  "application/pdf": ["pdf"],
  [`${OFFICE}.wordprocessingml.document`]: ["docx"],
  [`${OFFICE}.spreadsheetml.sheet`]: ["xlsx"],
  [`${OFFICE}.presentationml.presentation`]: ["pptx"],
  [`${OPEN_DOCUMENT}.text`]: ["odt"],
  [`${OPEN_DOCUMENT}.spreadsheet`]: ["ods"],
  "text/plain": ["txt", "csv", "log", "md", "json"],
};

/** In words, for people. */
export const KEPT_TYPES = "pictures (JPEG, PNG, GIF, WebP, AVIF, HEIC, TIFF), PDF, documents of Office, and plain text";

export const endingsOf = (mediaType: string): readonly string[] => ENDINGS[mediaType] ?? [];

/**
 * The type of a file by its content: what its sender or its name say counts for nothing.
 * @param start the first bytes
 * @param isText whether all of it is UTF-8 without control characters
 * @returns `kept`: whether such files are kept; `type` undefined: it is not known
 */
export async function mediaTypeOf(
  start: Uint8Array,
  isText: boolean,
): Promise<{ kept: true; type: string } | { kept: false; type: string | undefined }> {
  const type = (await typeByMarks(start)) ?? (isText ? "text/plain" : undefined);
  return type !== undefined && type in ENDINGS ? { kept: true, type } : { kept: false, type };
}

async function typeByMarks(start: Uint8Array): Promise<string | undefined> {
  try {
    return (await fileTypeFromBuffer(start))?.mime;
  } catch {
    // It looks like a format that it then breaks off, within the bytes that are looked at: it is not known.
    return undefined;
  }
}
