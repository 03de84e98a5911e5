/** A product; the weight is of one piece. */
export interface Product {
  sku: string;
  name: string;
  unitWeightGrams: number;
  valueCents: number;
  /** what the air around it must have, °C */
  celsius?: { min: number; max: number };
}

const FRIDGE = { min: 2, max: 8 };

export const PRODUCTS: readonly Product[] = [
  { sku: "BRG-6204", name: "Ball bearing 6204", unitWeightGrams: 106, valueCents: 640 },
  { sku: "BLT-M12-80", name: "Hex bolt M12 × 80", unitWeightGrams: 78.5, valueCents: 85 },
  { sku: "FLT-OIL-19", name: "Oil filter 19", unitWeightGrams: 342, valueCents: 1_150 },
  { sku: "BLT-V-1250", name: "V-belt 1250 mm", unitWeightGrams: 185, valueCents: 1_420 },
  { sku: "SNS-PT100", name: "Temperature sensor Pt100", unitWeightGrams: 64, valueCents: 3_890 },
  { sku: "VLV-BALL-1", name: "Ball valve 1 inch", unitWeightGrams: 612, valueCents: 2_780 },
  { sku: "PMP-SEAL-7", name: "Pump seal kit 7", unitWeightGrams: 231, valueCents: 4_450 },
  { sku: "VAC-TRAY-10", name: "Vaccine tray, 10 vials", unitWeightGrams: 148, valueCents: 18_900, celsius: FRIDGE },
  { sku: "NUT-M12", name: "Hex nut M12, bag of 5", unitWeightGrams: 86, valueCents: 120 },
  { sku: "GSK-HD-4", name: "Cylinder head gasket 4", unitWeightGrams: 298, valueCents: 3_150 },
  { sku: "CLP-HOSE-32", name: "Hose clamp 32 mm, box of 10", unitWeightGrams: 265, valueCents: 790 },
  { sku: "FLT-AIR-7", name: "Air filter 7", unitWeightGrams: 410, valueCents: 1_680 },
  { sku: "RLY-24V", name: "Relay 24 V", unitWeightGrams: 92, valueCents: 960 },
  { sku: "SWT-LIM-2", name: "Limit switch 2", unitWeightGrams: 134, valueCents: 2_240 },
  { sku: "CBL-M8-5M", name: "Sensor cable M8, 5 m", unitWeightGrams: 156, valueCents: 1_390 },
  { sku: "INS-PEN-5", name: "Insulin pens, box of 5", unitWeightGrams: 118, valueCents: 6_450, celsius: FRIDGE },
];

/** What the shelves of a play hold: trucks bring it only when the play orders it. */
export const PLAY_PRODUCTS: readonly Product[] = [
  { sku: "GLV-WORK-9", name: "Work gloves, size 9", unitWeightGrams: 74, valueCents: 590 },
  { sku: "TAPE-50", name: "Packing tape 50 mm", unitWeightGrams: 168, valueCents: 310 },
];
