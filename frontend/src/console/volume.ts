/** Messages of one stretch of time. */
export interface Bar {
  from: number;
  to: number;
  count: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const WIDTHS = [HOUR_MS / 60, HOUR_MS / 6, HOUR_MS, 6 * HOUR_MS, DAY_MS, 7 * DAY_MS, 28 * DAY_MS, 364 * DAY_MS];
const BARS_MAX = 60;

/** Counts messages in stretches of equal length, empty ones too; the shortest length that needs few enough bars. */
export function barsOf(times: number[]): Bar[] {
  if (times.length === 0) return [];
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const count = (width: number): number => Math.floor(last / width) - Math.floor(first / width) + 1;
  const width = WIDTHS.find((one) => count(one) <= BARS_MAX) ?? WIDTHS.at(-1) ?? DAY_MS;
  const begin = Math.floor(first / width);
  const bars = Array.from({ length: count(width) }, (_, at) => ({
    from: (begin + at) * width,
    to: (begin + at + 1) * width,
    count: 0,
  }));
  for (const time of times) {
    const bar = bars[Math.floor(time / width) - begin];
    if (bar) bar.count += 1;
  }
  return bars;
}
