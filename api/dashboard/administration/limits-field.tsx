import { formText } from "../panels/controls/form-text.ts";
import type { Location } from "../state/resources.ts";

/** The locations that are chosen in a form; null: no limit. */
export function chosenLocations(form: FormData): number[] | null {
  return form.get("limited") === "yes" ? form.getAll("location").map(Number) : null;
}

/** The owners that are named in a form, by their numbers; null: no limit. */
export function chosenOwners(form: FormData): number[] | null {
  const text = formText(form, "owners")?.trim() ?? "";
  return text === "" ? null : text.split(/[\s,;]+/).map(Number);
}

interface LimitsFieldProps {
  locations: readonly Location[];
  /** null: no limit */
  chosen: readonly number[] | null;
  /** null: no limit */
  owners: readonly number[] | null;
  isLimited: boolean;
  onLimited: (isLimited: boolean) => void;
}

/** Chooses between all locations and some of them. */
export function LimitsField({ locations, chosen, owners, isLimited, onLimited }: LimitsFieldProps) {
  const choice = (value: "no" | "yes", label: string) => (
    <label class="choice">
      <input
        type="radio"
        name="limited"
        value={value}
        checked={isLimited === (value === "yes")}
        onChange={() => onLimited(value === "yes")}
      />
      {label}
    </label>
  );
  // One that is not listed any more, or not to this administrator, stays chosen until it is unchecked.
  const unlisted = (chosen ?? []).filter((id) => !locations.some((place) => place.id === id));
  const options = [...locations, ...unlisted.map((id) => ({ id, name: `location ${id}` }))];
  return (
    <fieldset class="limits">
      <legend>May see</legend>
      {choice("no", "all locations")}
      {choice("yes", "only these locations")}
      {isLimited && (
        <div class="options">
          {options.map(({ id, name }) => (
            <label key={id} class="choice">
              <input type="checkbox" name="location" value={id} defaultChecked={chosen?.includes(id) === true} />
              {name}
            </label>
          ))}
          {options.length === 0 && <p class="muted">There are no locations yet.</p>}
        </div>
      )}
      <label>
        Only goods of these owners, their numbers; empty: all
        <input
          name="owners"
          pattern="\s*\d+([\s,;]+\d+)*\s*"
          autocomplete="off"
          defaultValue={owners?.join(", ") ?? ""}
        />
      </label>
    </fieldset>
  );
}
