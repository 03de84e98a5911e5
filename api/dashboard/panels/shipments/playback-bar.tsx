import { useEffect } from "preact/hooks";
import { formatDateTime, formatDuration } from "../../labels/times.ts";
import { advanced, placeAt, playback, type Playback, SPEEDS } from "../../map/playback.ts";
import { fitTrack, shownTrack } from "../../map/track.ts";
import { timeZone } from "../../state/clock.ts";
import { useStore } from "../../state/store.ts";

/** The slider goes in steps of this, milliseconds: with the arrow keys a long way is gone through soon. */
const STEPS = 500;
const DEFAULT_SPEED = 300;

/** Plays the way of the shipment on the map: play and pause, a slider with the time, and the speed. */
export function PlaybackBar() {
  const track = useStore(shownTrack);
  const now = useStore(playback);
  const where = useStore(timeZone);
  const isPlaying = now?.isPlaying ?? false;
  const endMs = track?.points.at(-1)?.atMs ?? 0;
  useEffect(() => {
    if (!isPlaying) return undefined;
    let [frame, before] = [0, performance.now()];
    frame = requestAnimationFrame(function step(frameMs) {
      const at = playback.get();
      // It may have been paused since the frame was asked for.
      if (at?.isPlaying) playback.set(advanced(at, Math.max(0, frameMs - before), endMs));
      before = frameMs;
      frame = requestAnimationFrame(step);
    });
    return () => cancelAnimationFrame(frame);
  }, [isPlaying, endMs]);
  useEffect(() => () => playback.set(null), [track?.shipmentId]);

  const [first] = track?.points ?? [];
  if (track === null || first === undefined || endMs <= first.atMs) return null;
  const startMs = first.atMs;
  const state: Playback = now ?? { atMs: startMs, isPlaying: false, speed: DEFAULT_SPEED };
  const change = (next: Partial<Playback>) => playback.set({ ...state, ...next });
  const time = formatDateTime(state.atMs, where);
  const isGap = placeAt(track.points, state.atMs)?.isGap === true;
  function toggle(): void {
    if (isPlaying) return change({ isPlaying: false });
    fitTrack();
    change({ isPlaying: true, atMs: state.atMs >= endMs ? startMs : state.atMs });
  }
  return (
    <div class="playback" role="group" aria-label="Play its track back">
      <button type="button" aria-label={isPlaying ? "Pause" : "Play"} onClick={toggle}>
        {isPlaying ? "❚❚" : "▶"}
      </button>
      <input
        type="range"
        aria-label="Time of the track"
        aria-valuetext={isGap ? `${time}, no position` : time}
        min={startMs}
        max={endMs}
        step={Math.max(1, Math.round((endMs - startMs) / STEPS))}
        value={state.atMs}
        onInput={(event) => change({ atMs: Math.min(endMs, Number(event.currentTarget.value)) })}
      />
      <select
        aria-label="Speed"
        value={String(state.speed)}
        onChange={(event) => change({ speed: Number(event.currentTarget.value) })}
      >
        {SPEEDS.map((speed) => (
          <option key={speed} value={String(speed)}>
            {formatDuration(speed * 1000)} a second
          </option>
        ))}
      </select>
      <output>
        {time}
        {isGap && <span class="muted"> no position</span>}
      </output>
    </div>
  );
}
