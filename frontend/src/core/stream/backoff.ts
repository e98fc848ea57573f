const BASE_MS = 1_000;
const MAX_MS = 30_000;

/** Full jitter: a random wait below a limit that doubles with each failure, so that a fleet does not come back at once. */
export function backoffMs(failures: number, random: () => number = Math.random): number {
  return random() * Math.min(MAX_MS, BASE_MS * 2 ** Math.min(failures, 16));
}

/** What the server asked for, plus up to a second so that its clients do not arrive together. */
export function retryAfterMs(seconds: number, random: () => number = Math.random): number {
  return Math.min(seconds * 1_000, 10 * 60_000) + random() * 1_000;
}
