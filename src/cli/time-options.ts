import { type Command, InvalidArgumentError, Option } from 'commander';
import type { AskedWindow, Moment } from '../model/asked-window.ts';

const UNITS: Readonly<Record<string, number>> = { s: 1e3, m: 6e4, h: 36e5, d: 864e5, w: 6048e5 };

/** `90s`, `15m`, `24h`, `7d`, `2w` → milliseconds. */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([smhdw])$/.exec(text);
  const unit = match ? UNITS[match[2] ?? ''] : undefined;
  if (!match || unit === undefined)
    throw new InvalidArgumentError('Write a number and a unit, e.g. 90s, 15m, 24h, 7d.');
  return Number(match[1]) * unit;
}

/** `2026-11-01`, `2026-11-01T10:00:00Z` or `…+02:00` (RFC 3339), or a duration before the newest record. */
export function parseMoment(text: string): Moment {
  if (/^[\d.]+[smhdw]$/.test(text)) return { ago: parseDuration(text) };
  const [, date] = /^(\d{4}-\d\d-\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/i.exec(text) ?? [];
  const at = date === undefined ? Number.NaN : Date.parse(text.toUpperCase());
  // Some engines take the 31st of a shorter month for a day of the next.
  if (date === undefined || Number.isNaN(at) || !isoDate(Date.parse(date)).startsWith(date))
    throw new InvalidArgumentError(
      'Write a time such as 2026-11-01T10:00:00Z or 2026-11-01 (UTC), or 90s, 15m, 24h, 7d before the newest record.',
    );
  return { at };
}

function isoDate(time: number): string {
  return Number.isNaN(time) ? '' : new Date(time).toISOString();
}

/** What `addTimeOptions` adds. */
export interface TimeOptions {
  readonly since?: number;
  readonly from?: Moment;
  readonly to?: Moment;
}

/** Adds `--since`, a stretch of time back from `--to` or else from the newest record in the store, `--from` and `--to`. */
export function addTimeOptions(command: Command, since: SinceDefault = {}): Command {
  return addWindow(command, { from: 'from', to: 'to', since });
}

/** What `--since` is when nothing is asked. */
interface SinceDefault {
  readonly milliseconds?: number;
  readonly text?: string;
}

function addWindow(
  command: Command,
  { from, to, since }: { readonly from: string; readonly to: string; readonly since: SinceDefault },
): Command {
  const option = new Option('--since <duration>', 'only the last 90s, 15m, 24h, 7d … of what is stored');
  if (since.milliseconds !== undefined) option.default(since.milliseconds, since.text);
  return command
    .addOption(option.argParser(parseDuration).conflicts(from))
    .option(
      `--${from} <time>`,
      'only from this time on: 2026-11-01, 2026-11-01T10:00:00Z, or 7d before the newest',
      parseMoment,
    )
    .option(`--${to} <time>`, 'only before this time, written in the same way', parseMoment);
}

/** The window that `addTimeOptions` asks for. */
export function askedWindow({ since, from, to }: TimeOptions): AskedWindow {
  return { since, from, to };
}

/** What `addPeriodOptions` adds. */
export interface PeriodOptions {
  readonly since?: number;
  readonly after?: Moment;
  readonly before?: Moment;
}

/** The same for commands whose `--from` and `--to` are endpoints: `--since`, `--after` and `--before`. */
export function addPeriodOptions(command: Command): Command {
  return addWindow(command, { from: 'after', to: 'before', since: {} });
}

/** The window that `addPeriodOptions` asks for. */
export function askedPeriod({ since, after, before }: PeriodOptions): AskedWindow {
  return { since, from: after, to: before };
}
