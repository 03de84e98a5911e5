import type { Schemas } from "../../../client/index.ts";
import { post, put } from "../../state/client.ts";
import type { Lot } from "../../state/resources.ts";
import { mayManage, mayManageAll } from "../../state/roles.ts";
import { Action } from "../controls/action.tsx";
import { RecordForm } from "../controls/record-form.tsx";
import { useParties, withChosen } from "../controls/use-items.ts";
import { useMay } from "../controls/use-person.ts";
import { DAY_PATTERN } from "./expiry.ts";

interface Props {
  lot: Lot;
  onChanged: () => void;
}

/** What managers do with a lot: hold it, release it, correct what is known of it. A hold concerns all places. */
export function LotActions({ lot, onChanged }: Props) {
  const isManager = useMay(mayManage);
  const seesAll = useMay(mayManageAll);
  if (!isManager) return null;
  const verb = lot.on_hold ? "Release" : "Hold";
  const reason = { name: "reason", label: "Why", required: true } as const;
  return (
    <section aria-label="Changes" class="handling">
      {seesAll && (
        <Action key={verb} label={verb}>
          {(onDone) => (
            <RecordForm<Schemas["LotHolding"]>
              label={verb}
              action={verb}
              inline
              fields={[reason]}
              onSubmit={async (body) => {
                await (lot.on_hold ? post(`/lots/${lot.id}/release`, body) : post(`/lots/${lot.id}/hold`, body));
                onDone();
                onChanged();
              }}
            />
          )}
        </Action>
      )}
      <Action label="Change its details">
        {(onDone) => (
          <DetailsForm
            lot={lot}
            onChanged={() => {
              onDone();
              onChanged();
            }}
          />
        )}
      </Action>
    </section>
  );
}

function DetailsForm({ lot, onChanged }: Props) {
  const suppliers = withChosen(useParties("supplier"), lot.supplier_id);
  return (
    <RecordForm<Schemas["LotChange"]>
      label="Change its details"
      action="Save"
      inline
      isChange
      fields={[
        {
          name: "expires_on",
          label: "Expires on",
          placeholder: "2027-03-31",
          pattern: DAY_PATTERN,
          value: lot.expires_on,
        },
        { name: "supplier_id", label: "Received from", type: "id", options: suppliers, value: lot.supplier_id },
        { name: "release_condition", label: "Released when", value: lot.release_condition },
      ]}
      onSubmit={(change) => put(`/lots/${lot.id}`, change).then(onChanged)}
    />
  );
}
