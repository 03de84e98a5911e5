import { put } from "../../state/client.ts";
import type { Device } from "../../state/resources.ts";
import { InlineForm } from "../controls/inline-form.tsx";

/** The tare and the finest step of a scale below a shelf. A change counts from now on; history keeps the old values. */
export function ShelfScale({ device }: { device: Device }) {
  const { mount } = device;
  if (mount?.item_id === undefined || mount.location_id === undefined) return null;
  const { location_id, item_id, tare_grams = 0, division_grams } = mount;

  async function setScale(field: (name: string) => string): Promise<void> {
    const division = field("division");
    const shelf = { location_id, item_id, tare_grams: Number(field("tare")) };
    await put(`/devices/${encodeURIComponent(device.id)}`, {
      mount: division === "" ? shelf : { ...shelf, division_grams: Number(division) },
    });
  }

  return (
    <InlineForm label={`Scale ${device.id}`} action="Set" onSubmit={setScale}>
      <label>
        Tare, grams
        <input name="tare" type="number" min="0" step="any" required defaultValue={String(tare_grams)} />
      </label>
      <label>
        Finest step, grams
        <input
          name="division"
          type="number"
          min="0.001"
          max="10000"
          step="any"
          placeholder="1"
          defaultValue={division_grams === undefined ? "" : String(division_grams)}
        />
      </label>
    </InlineForm>
  );
}
