interface Expiring {
  expires_at: string | null;
}

/** The last day on which a system may sign in. */
export const LastDayField = ({ system }: { system: Expiring | undefined }) => (
  <label>
    Last day (UTC); empty: no end
    <input name="expires" type="date" defaultValue={lastDayOf(system)} />
  </label>
);

const lastDayOf = (system: Expiring | undefined): string => system?.expires_at?.slice(0, 10) ?? "";

/**
 * When it ends: the last second of the day in UTC; null: never. A time of day that was set elsewhere stays while the day does.
 * @param day as the field has it
 */
export function expiryOf(day: string, system: Expiring | undefined): string | null {
  if (system !== undefined && day === lastDayOf(system)) return system.expires_at;
  return day === "" ? null : `${day}T23:59:59.000Z`;
}
