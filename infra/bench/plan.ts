/** How long and how often a bench measures. Durations are seconds of load; each run then waits for its readings. */
export interface Plan {
  /** measurements of a row; the row shows their medians */
  rounds: number;
  /** a run at a given rate */
  paced: number;
  /** a run at saturation */
  burst: number;
  longBurst: number;
  sustained: number;
  short: number;
  /** connected devices that send nothing */
  idleDevices: number;
}

export const FULL_PLAN: Plan = {
  rounds: 5,
  paced: 2,
  burst: 3,
  longBurst: 10,
  sustained: 60,
  short: 15,
  idleDevices: 10_000,
};

export const QUICK_PLAN: Plan = {
  rounds: 1,
  paced: 1,
  burst: 1,
  longBurst: 2,
  sustained: 5,
  short: 2,
  idleDevices: 1_000,
};
