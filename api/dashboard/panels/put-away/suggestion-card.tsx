import type { Schemas } from "../../../client/index.ts";
import { formatCount, formatQuantity } from "../../labels/quantities.ts";

type Suggestion = Schemas["PutAwaySuggestion"];

interface SuggestionCardProps {
  of: Suggestion;
  busy: boolean;
  mayPut: boolean;
  /** how many are put */
  quantity: number;
  onQuantity: (quantity: number) => void;
  onPut: (locationId: number) => void;
}

/** What is put away now: how many of what, where, and why there. */
export function SuggestionCard({ of, busy, mayPut, quantity, onQuantity, onPut }: SuggestionCardProps) {
  const [best, ...others] = of.places;
  return (
    <article class="card suggestion" aria-label={of.name}>
      <header>
        <h2>{of.name}</h2>
        <p class="muted">
          <span class="code">{of.sku}</span>
          {of.storage_category !== null && `, ${of.storage_category}`}
          {of.condition !== "good" && `, ${of.condition === "hold" ? "on hold" : of.condition}`},{" "}
          {formatQuantity(of.quantity, of.unit)} here
        </p>
      </header>
      {best !== undefined && (
        <div class="best">
          <p>
            Put {formatCount(best.quantity)} to <strong>{best.name}</strong>
          </p>
          <p class="code">{best.code}</p>
          <p class="muted">Because {best.reasons.join(", ")}.</p>
        </div>
      )}
      {of.problem !== null && (
        <p class="problem">
          For {formatQuantity(of.unplaced, of.unit)} there is no place: {of.problem}.
        </p>
      )}
      {mayPut && (
        <label class="quantity">
          How many
          <input
            type="number"
            min={1}
            max={of.quantity}
            step={1}
            value={quantity}
            onInput={(event) => onQuantity(Number(event.currentTarget.value))}
          />
        </label>
      )}
      {mayPut && best !== undefined && (
        <div class="actions">
          <button type="button" class="primary" disabled={busy} onClick={() => onPut(best.location_id)}>
            They are at {best.name} now
          </button>
        </div>
      )}
      {others.length > 0 && (
        <ul class="others" aria-label="Then">
          {others.map((place) => (
            <li key={place.location_id}>
              then {formatCount(place.quantity)} to <strong>{place.name}</strong>{" "}
              <span class="muted">because {place.reasons.join(", ")}</span>
            </li>
          ))}
        </ul>
      )}
    </article>
  );
}
