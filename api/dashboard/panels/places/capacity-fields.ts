/** The capacities of a location, as forms ask for them. */
export const CAPACITY_FIELDS = [
  { name: "capacity_units", label: "Room for, units", type: "number", min: 0 },
  { name: "capacity_litres", label: "Room for, litres", type: "number", min: 0 },
  { name: "capacity_kilograms", label: "Carries, kg", type: "number", min: 0 },
] as const;
