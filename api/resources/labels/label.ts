/** What stands on a printed label, whatever it is printed with. */
export interface Label {
  title: string;
  /** smaller, under the title */
  subtitle: string;
  /** the bars: a GS1-128 element string such as `(01)09506000134352`, or any text as Code 128 */
  bars: { symbology: "gs1-128" | "code128"; text: string };
  /** the content of the QR code, for phones and 2D scanners */
  qr: string;
}

/** How a location is called by the label on it when it has no barcode of its own. `GET /search` finds it by that. */
export const locationCode = (id: number): string => `LOC-${id}`;

/** The id in the code of a label, in any case of letters; undefined: it is no such code. */
export function locationOfCode(code: string): number | undefined {
  const digits = /^LOC-([1-9]\d{0,8})$/i.exec(code.trim())?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** @param path the names of the locations around it, outermost first */
export function labelOfLocation(
  location: { id: number; name: string; barcode: string | null },
  path: readonly string[],
): Label {
  const code = location.barcode ?? locationCode(location.id);
  return {
    title: location.name,
    subtitle: path.join(" › "),
    bars: { symbology: "code128", text: code },
    qr: code,
  };
}

/**
 * With a GTIN the bars are GS1-128 (GS1 General Specifications §5.4) and the QR code is the GS1 Digital Link of the product;
 * else both are its barcode, or its SKU.
 */
export function labelOfItem(item: { sku: string; name: string; gtin: string | null; barcode: string | null }): Label {
  const texts = { title: item.name, subtitle: item.sku };
  if (item.gtin === null) {
    const code = item.barcode ?? item.sku;
    return { ...texts, bars: { symbology: "code128", text: code }, qr: code };
  }
  const gtin = item.gtin.padStart(14, "0");
  return {
    ...texts,
    bars: { symbology: "gs1-128", text: `(01)${gtin}` },
    qr: `https://id.gs1.org/01/${gtin}`,
  };
}
