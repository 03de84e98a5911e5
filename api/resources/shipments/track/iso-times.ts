const DAY_MS = 86_400_000;
const twoDigits = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, "0"));

/** The times of measurement as `toISOString()` gives them. It takes a third of its time, and a track has thousands. */
export function isoTimesOf(points: readonly { ts: number }[]): string[] {
  let day = Number.NaN;
  let date = "";
  return points.map(({ ts }) => {
    const dayOfTs = Math.floor(ts / DAY_MS);
    if (dayOfTs !== day) {
      day = dayOfTs;
      date = new Date(day * DAY_MS).toISOString().slice(0, -13);
    }
    const ms = ts - day * DAY_MS;
    const seconds = Math.floor(ms / 1000);
    const minutes = Math.floor(seconds / 60);
    const [hh, mm, ss] = [Math.floor(minutes / 60), minutes % 60, seconds % 60];
    return `${date}${twoDigits[hh]}:${twoDigits[mm]}:${twoDigits[ss]}.${String(ms % 1000).padStart(3, "0")}Z`;
  });
}
