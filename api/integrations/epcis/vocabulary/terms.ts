/*
 * The words of the Core Business Vocabulary 2.0 that events may use bare, as the JSON schema of EPCIS 2.0 lists them, with the address that
 * each stands for.
 */
const words = (text: string): readonly string[] => text.trim().split(/\s+/);

export const BIZ_STEPS =
  words(`accepting arriving assembling collecting commissioning consigning creating_class_instance cycle_counting
  decommissioning departing destroying disassembling dispensing encoding entering_exiting holding inspecting installing killing loading other
  packing picking receiving removing repackaging repairing replacing reserving retail_selling shipping staging_outbound stock_taking stocking
  storing transporting unloading unpacking void_shipping sensor_reporting sampling`);

export const DISPOSITIONS =
  words(`active container_closed damaged destroyed dispensed disposed encoded expired in_progress in_transit inactive
  no_pedigree_match non_sellable_other partially_dispensed recalled reserved retail_sold returned sellable_accessible sellable_not_accessible
  stolen unknown available completeness_verified completeness_inferred conformant container_open mismatch_instance mismatch_class
  mismatch_quantity needs_replacement non_conformant unavailable`);

export const BIZ_TRANSACTION_TYPES = words(
  "bol cert desadv inv pedigree po poc prodorder recadv rma testprd testres upevt",
);
export const SOURCE_DESTINATION_TYPES = words("owning_party possessing_party location");
export const ERROR_REASONS = words("did_not_occur incorrect_data");
export const SENSOR_ALERT_TYPES = words("ALARM_CONDITION ERROR_CONDITION");
export const COMPONENTS =
  words(`x y z axial_distance azimuth height spherical_radius polar_angle elevation_angle easting northing latitude
  longitude altitude`);
export const MEASUREMENT_TYPES =
  words(`AbsoluteHumidity AbsorbedDose AbsorbedDoseRate Acceleration Radioactivity Altitude AmountOfSubstance
  AmountOfSubstancePerUnitVolume Angle AngularAcceleration AngularMomentum AngularVelocity Area Capacitance Conductance Conductivity Count
  Density Dimensionless DoseEquivalent DoseEquivalentRate DynamicViscosity ElectricCharge ElectricCurrent ElectricCurrentDensity
  ElectricFieldStrength Energy Exposure Force Frequency Illuminance Inductance Irradiance KinematicViscosity Length LinearMomentum Luminance
  LuminousFlux LuminousIntensity MagneticFlux MagneticFluxDensity MagneticVectorPotential Mass MassConcentration MassFlowRate
  MassPerAreaTime MemoryCapacity MolalityOfSolute MolarEnergy MolarMass MolarVolume Power Pressure RadiantFlux RadiantIntensity
  RelativeHumidity Resistance Resistivity SolidAngle SpecificVolume Speed SurfaceDensity SurfaceTension Temperature Time Torque Voltage
  Volume VolumeFlowRate VolumeFraction VolumetricFlux Wavenumber`);

const CBV = "https://ref.gs1.org/cbv/";
const GS1 = "https://gs1.org/voc/";

/** The vocabularies, each with what stands before its bare words. */
const VOCABULARIES = {
  bizStep: { prefix: `${CBV}BizStep-`, words: BIZ_STEPS },
  disposition: { prefix: `${CBV}Disp-`, words: DISPOSITIONS },
  bizTransactionType: { prefix: `${CBV}BTT-`, words: BIZ_TRANSACTION_TYPES },
  sourceDestinationType: { prefix: `${CBV}SDT-`, words: SOURCE_DESTINATION_TYPES },
  errorReason: { prefix: `${CBV}ER-`, words: ERROR_REASONS },
  component: { prefix: `${CBV}Comp-`, words: COMPONENTS },
  measurementType: { prefix: GS1, words: MEASUREMENT_TYPES },
  sensorAlertType: { prefix: GS1, words: SENSOR_ALERT_TYPES },
} as const;
export type Vocabulary = keyof typeof VOCABULARIES;

/** How the same words were written in EPCIS 1.x and by drafts of 2.0. */
const OLD_PREFIXES: readonly (readonly [old: string, now: string])[] = [
  ["urn:epcglobal:cbv:bizstep:", `${CBV}BizStep-`],
  ["urn:epcglobal:cbv:disp:", `${CBV}Disp-`],
  ["urn:epcglobal:cbv:btt:", `${CBV}BTT-`],
  ["urn:epcglobal:cbv:sdt:", `${CBV}SDT-`],
  ["urn:epcglobal:cbv:er:", `${CBV}ER-`],
  ["https://ns.gs1.org/cbv/", CBV],
  ["http://ns.gs1.org/cbv/", CBV],
  ["https://www.gs1.org/voc/", GS1],
  ["https://ref.gs1.org/voc/", GS1],
];

/** Prefixes that need not be declared: the context of the standard has them. */
export const STANDARD_PREFIXES: Readonly<Record<string, string>> = {
  cbv: CBV,
  gs1: GS1,
  epcis: "https://ref.gs1.org/epcis/",
  cbvmda: "urn:epcglobal:cbv:mda:",
};

/** Current addresses for old ones; everything else as it is. */
export function currentTerm(term: string): string {
  const found = OLD_PREFIXES.find(([old]) => term.startsWith(old));
  return found ? found[1] + term.slice(found[0].length) : term;
}

/** The address that a bare word of this vocabulary stands for; undefined: it is none of its words. */
export function addressOf(vocabulary: Vocabulary, word: string): string | undefined {
  const { prefix, words } = VOCABULARIES[vocabulary];
  return words.includes(word) ? prefix + word : undefined;
}
