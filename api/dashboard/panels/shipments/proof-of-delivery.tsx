import { useRef, useState } from "preact/hooks";
import type { Schemas } from "../../../client/index.ts";
import { post, postFile } from "../../state/client.ts";
import type { Shipment } from "../../state/resources.ts";
import { Action } from "../controls/action.tsx";
import { type FieldsOf, type FieldValues, RecordForm } from "../controls/record-form.tsx";
import { SignaturePad } from "./signature-pad.tsx";

const OUTCOMES = [
  ["delivered", "all of it was taken"],
  ["partly", "a part was taken"],
  ["refused", "it was refused, and returns"],
] as const;

type Proof = Omit<Schemas["ProofOfDelivery"], "lines" | "attachment_ids">;
/** What was taken of each line. */
type Taken = Partial<Record<`taken ${number}`, number>>;

/** The hand-over of a shipment: who took what of it, with a photo and a signature. */
export const ProofOfDelivery = ({ shipment }: { shipment: Shipment }) => (
  <Action label="Proof of delivery">{(onDone) => <ProofForm shipment={shipment} onDone={onDone} />}</Action>
);

function ProofForm({ shipment, onDone }: { shipment: Shipment; onDone: () => void }) {
  const path = `/shipments/${shipment.id}` as const;
  const [photos, setPhotos] = useState<File[]>([]);
  const [signature, setSignature] = useState<Promise<Blob | undefined>>();
  /** by picture: its id, once it is stored. A proof that was refused is sent again without it */
  const stored = useRef(new Map<Blob, number>());

  async function idOf(picture: Blob, kind: "photo" | "signature", name: string): Promise<number> {
    const known = stored.current.get(picture);
    if (known !== undefined) return known;
    const query = `kind=${kind}&file_name=${encodeURIComponent(name)}`;
    const { id } = await postFile(`${path}/attachments?${query}`, "application/octet-stream", picture);
    stored.current.set(picture, id);
    return id;
  }

  async function send(form: Proof & Taken): Promise<void> {
    const ids: number[] = [];
    for (const photo of photos) ids.push(await idOf(photo, "photo", photo.name));
    const signed = await signature;
    if (signed) ids.push(await idOf(signed, "signature", "signature.png"));
    const { name, outcome = "delivered", reason, note, at } = form;
    const lines = shipment.lines.flatMap(({ line }) => {
      const quantity = form[`taken ${line}`];
      return quantity === undefined ? [] : [{ line, quantity }];
    });
    await post(`${path}/proof-of-delivery`, {
      name,
      outcome,
      ...(reason !== undefined && { reason }),
      ...(note !== undefined && { note }),
      ...(at !== undefined && { at }),
      ...(lines.length > 0 && { lines }),
      ...(ids.length > 0 && { attachment_ids: ids }),
    });
    onDone();
  }

  return (
    <div class="proof">
      <label class="file-field">
        Photos of the goods
        <input
          type="file"
          accept="image/*"
          multiple
          onChange={(event) => setPhotos([...(event.currentTarget.files ?? [])])}
        />
      </label>
      <SignaturePad label="Signature" onChange={setSignature} />
      <RecordForm<Proof & Taken>
        label="Proof of delivery"
        action="Hand over"
        inline
        fields={(chosen) => fieldsOf(shipment, chosen)}
        onSubmit={send}
      />
    </div>
  );
}

function fieldsOf({ lines }: Shipment, chosen: FieldValues): FieldsOf<Proof & Taken> {
  const outcome = chosen["outcome"] ?? "delivered";
  const taken = outcome === "partly" ? lines : [];
  return [
    { name: "name", label: "Taken by", required: true },
    { name: "outcome", label: "Outcome", options: OUTCOMES, required: true, value: "delivered" },
    ...taken.map(({ line, product_name: product, quantity }) => ({
      name: `taken ${line}` as const,
      label: `Taken of ${product}, of ${quantity}`,
      type: "number" as const,
      min: 0,
      required: true,
    })),
    ...(outcome === "delivered" ? [] : [{ name: "reason" as const, label: "Reason", required: true }]),
    { name: "note", label: "Note" },
    { name: "at", label: "When; empty: now", type: "time" },
  ];
}
