/** `2026-05-01T10:00:00.000Z` of milliseconds since the epoch. */
export function isoTime(time: number): string {
  return new Date(time).toISOString();
}

/** `2026-05-01 10:00`, UTC. */
export function minute(time: number): string {
  return isoTime(time).slice(0, 16).replace('T', ' ');
}

/** `2026-05-01`, UTC. */
export function day(time: number): string {
  return isoTime(time).slice(0, 10);
}
