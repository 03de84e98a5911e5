/**
 * GS1 Application Identifiers, with length and character set of their values (GS1 General Specifications §3.2, figure
 * 3.2-1). `x`: AI character set 82, `n`: digits.
 */
export interface ApplicationIdentifier {
  ai: string;
  type: "n" | "x";
  min: number;
  max: number;
}

/** Identifier, type, and length or min..max length; `*` stands for any digit. */
const TABLE = `
00 n18|01 n14|02 n14|03 n14|10 x1..20|11 n6|12 n6|13 n6|15 n6|16 n6|17 n6|20 n2|21 x1..20|22 x1..20
235 x1..28|240 x1..30|241 x1..30|242 n1..6|243 x1..20|250 x1..30|251 x1..30|253 x13..30|254 x1..20|255 n13..25
30 n1..8|31** n6|32** n6|33** n6|34** n6|35** n6|36** n6|37 n1..8
390* n1..15|391* n4..18|392* n1..15|393* n4..18|394* n4|395* n6
400 x1..30|401 x1..30|402 n17|403 x1..30|410 n13|411 n13|412 n13|413 n13|414 n13|415 n13|416 n13|417 n13
420 x1..20|421 x4..12|422 n3|423 n3..15|424 n3|425 n3..15|426 n3|427 x1..3
4300 x1..35|4301 x1..35|4302 x1..70|4303 x1..70|4304 x1..70|4305 x1..70|4306 x1..70|4307 x2|4308 x1..30|4309 n20
431* x1..70|4320 x1..35|4321 n1|4322 n1|4323 n1|4324 n10|4325 n10|4326 n6|433* x4..7
7001 n13|7002 x1..30|7003 n10|7004 n1..4|7005 x1..12|7006 n6|7007 n6..12|7008 x1..3|7009 x1..10|7010 x1..2|7011 n6..10
7020 x1..20|7021 x1..20|7022 x1..20|7023 x1..30|7030 x4..30|703* x4..30|7040 x4|71** x1..20|7230 x3..30|723* x3..30
7240 x1..20|7241 n2|7242 x1..25
8001 n14|8002 x1..20|8003 x14..30|8004 x1..30|8005 n6|8006 n18|8007 x1..34|8008 n8..12|8009 x1..50|8010 x1..30
8011 n1..12|8012 x1..20|8013 x1..25|8017 n18|8018 n18|8019 n1..10|8020 x1..25|8026 n18|8030 x1..90
8110 x1..70|8111 n4|8112 x1..70|8200 x1..70
90 x1..30|91 x1..90|92 x1..90|93 x1..90|94 x1..90|95 x1..90|96 x1..90|97 x1..90|98 x1..90|99 x1..90`;

interface Row extends ApplicationIdentifier {
  pattern: RegExp;
}

const ROWS: readonly Row[] = TABLE.trim()
  .split(/[|\n]/)
  .map((row) => {
    const match = /^([\d*]+) ([nx])(\d+)(?:\.\.(\d+))?$/.exec(row);
    if (!match) throw new Error(`not a row of the table of application identifiers: ${row}`);
    const [, ai = "", type, min, max = min] = match;
    const pattern = new RegExp(`^${ai.replaceAll("*", "\\d")}`);
    return { ai, type: type as "n" | "x", min: Number(min), max: Number(max), pattern };
  });

/** The identifier that `text` begins with. */
export function identifierAtStart(text: string): ApplicationIdentifier | undefined {
  const row = ROWS.find(({ pattern }) => pattern.test(text));
  return row && { ai: text.slice(0, row.ai.length), type: row.type, min: row.min, max: row.max };
}

/** The identifier with exactly these digits. */
export function identifier(ai: string): ApplicationIdentifier | undefined {
  const found = identifierAtStart(ai);
  return found?.ai === ai ? found : undefined;
}

/** The first two digits of identifiers with predefined length: no FNC1 follows (GS1 General Specifications §7.8.5). */
const PREDEFINED_LENGTH = new Set("00 01 02 03 04 11 12 13 14 15 16 17 18 19 20 31 32 33 34 35 36 41".split(" "));

export const hasPredefinedLength = (ai: string): boolean => PREDEFINED_LENGTH.has(ai.slice(0, 2));

/** AI character set 82 (GS1 General Specifications §7.11, figure 7.11-1). */
const CHARACTER_SET_82 = /^[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]+$/;

/** AI character set 39, of component and part identifiers (GS1 General Specifications §7.11, figure 7.11-2). */
const CHARACTER_SET_39 = /^[#\-/0-9A-Z]+$/;

/** By identifier: the number of leading digits of its value that end with a check digit. */
const CHECKED_DIGITS: Readonly<Record<string, number>> = {
  "00": 18,
  "01": 14,
  "02": 14,
  "03": 14,
  "253": 13,
  "255": 13,
  "402": 17,
  "8003": 14,
  "8006": 14,
  "8017": 18,
  "8018": 18,
};

/** The number of leading digits that end with a check digit; undefined: the value has none. */
export const checkedDigits = (ai: string): number | undefined => (/^41\d$/.test(ai) ? 13 : CHECKED_DIGITS[ai]);

const DATES = new Set("11 12 13 15 16 17 7006 4326".split(" "));

/** Whether the value of the identifier is a date, YYMMDD (GS1 General Specifications §3.4). */
export const isDate = (ai: string): boolean => DATES.has(ai);

/** Whether `value` has the length and the characters of its identifier. */
export function fitsIdentifier({ ai, type, min, max }: ApplicationIdentifier, value: string): boolean {
  if (value.length < min || value.length > max) return false;
  if (ai === "8010") return CHARACTER_SET_39.test(value);
  return type === "n" ? /^\d+$/.test(value) : CHARACTER_SET_82.test(value);
}
