/** What `npm run demo` simulates: a company that can be watched at true speed, with the last quarter of an hour behind it. */
export const demoOptions: readonly string[] = [
  ...["--trucks", "48", "--gates", "4", "--shelves", "24", "--probes", "8"],
  ...["--seed", "2", "--start", "-15m", "--speed", "max"],
];
