const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Text as content or attribute of XML. It must not hold characters that XML has no way to say, such as U+0000. */
export const escapeXml = (text: string): string => text.replaceAll(/[&<>"]/g, (character) => ENTITIES[character]!);
