import { type Access, ADMINISTRATION, MANAGEMENT, type Role } from "../../auth/roles.ts";
import { KIND_NAMES, type KindName } from "./kinds/kind.ts";

/** Who may import tables of a kind: managers register devices, also many at once; all else is for administrators. */
export const importersOf = (kind: KindName): Access => (kind === "devices" ? MANAGEMENT : ADMINISTRATION);

/** Whose imports somebody may see and go on with: those of kinds that the role may import. */
export const kindsFor = (role: Role): KindName[] => KIND_NAMES.filter((kind) => importersOf(kind).includes(role));
