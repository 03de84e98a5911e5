import type { Language } from "../tracking/texts.ts";

interface PaperTexts {
  title: string;
  number: string;
  reference: string;
  order: string;
  due: string;
  printed: string;
  sender: string;
  receiver: string;
  line: string;
  sku: string;
  goods: string;
  lots: string;
  lot: string;
  quantity: string;
  /** of the base unit `piece` */
  pieces: string;
  weight: string;
  contents: string;
  takenBy: string;
  date: string;
  signature: string;
  page: string;
}

/** What the delivery note says, in the language of the party that it goes to. */
export const PAPER_TEXTS: Readonly<Record<Language, PaperTexts>> = {
  en: {
    title: "Delivery note",
    number: "Shipment",
    reference: "Your reference",
    order: "Order",
    due: "Due",
    printed: "Printed",
    sender: "Sender",
    receiver: "Receiver",
    line: "No.",
    sku: "SKU",
    goods: "Goods",
    lots: "Lots",
    lot: "lot",
    quantity: "Quantity",
    pieces: "pcs",
    weight: "Net weight",
    contents: "Contents",
    takenBy: "Taken by (name)",
    date: "Date and time",
    signature: "Signature",
    page: "page",
  },
  de: {
    title: "Lieferschein",
    number: "Sendung",
    reference: "Ihr Zeichen",
    order: "Auftrag",
    due: "Zugesagt für",
    printed: "Gedruckt",
    sender: "Absender",
    receiver: "Empfänger",
    line: "Pos.",
    sku: "Artikel",
    goods: "Bezeichnung",
    lots: "Chargen",
    lot: "Charge",
    quantity: "Menge",
    pieces: "Stk.",
    weight: "Nettogewicht",
    contents: "Inhalt",
    takenBy: "Übernommen von (Name)",
    date: "Datum und Uhrzeit",
    signature: "Unterschrift",
    page: "Seite",
  },
};
