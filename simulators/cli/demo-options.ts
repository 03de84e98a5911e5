/** The simulation of `npm run demo`: it first replays the last 15 minutes, then runs in real time. */
export const demoOptions: readonly string[] = [
  ...["--trucks", "48", "--gates", "4", "--shelves", "40", "--stock-outs", "15%", "--probes", "8", "--cold-boxes", "2"],
  ...["--handling", "api,gate,reader-aboard,scanner,late-paperwork,wrong-drop,returns,two-trackers"],
  ...["--shelf-scans", "--vehicle-data", "--stock-play", "--trips", "--seed", "2", "--start", "-15m", "--speed", "max"],
];
