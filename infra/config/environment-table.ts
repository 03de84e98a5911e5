import { variableNames, variableOf } from "./variables.ts";

/** The variables as the Markdown table of README. */
export function environmentTable(): string {
  const rows = variableNames.map((name) => {
    const { default: text, defaultIs, meaning, secret } = variableOf(name);
    const shownDefault = defaultIs ?? (text === undefined || text === "" ? "none" : `\`${text}\``);
    const names = secret === undefined ? `\`${name}\`` : `\`${name}\`, \`${name}_FILE\``;
    return `| ${names} | ${shownDefault} | ${meaning} |`;
  });
  return ["| Name | Default | Meaning |", "|---|---|---|", ...rows].join("\n");
}
