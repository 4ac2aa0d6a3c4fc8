/** Severity, the least first. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export const LOG_LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/** Facts of one line, printed as JSON; errors are reduced to name and message. Never put secrets here. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Structured log: `message` is a constant sentence that can be searched for, everything variable goes into fields. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export interface LogOptions {
  readonly write: (line: string) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly level: LogLevel;
  /** Warnings and errors that repeat within this many milliseconds are counted, not printed. Default 10 s. */
  readonly repeatAfter?: number;
}

/**
 * A log of JSON lines. A warning or error that repeats is printed once per `repeatAfter`; the next line of its kind
 * says in `suppressed` how many were left out, so that an outage cannot fill a disk.
 */
export function createLog(options: LogOptions): Log {
  const { write, now, repeatAfter = 10_000 } = options;
  const least = LOG_LEVELS.indexOf(options.level);
  const printed = new Map<string, { at: number; suppressed: number }>();
  const at =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}) => {
      if (LOG_LEVELS.indexOf(level) < least) return;
      const time = now();
      const line: Record<string, unknown> = { time: new Date(time).toISOString(), level, message, ...fields };
      if (level === 'warn' || level === 'error') {
        const earlier = printed.get(message);
        if (earlier && time - earlier.at < repeatAfter) {
          earlier.suppressed += 1;
          return;
        }
        if (earlier && earlier.suppressed > 0) line.suppressed = earlier.suppressed;
        printed.set(message, { at: time, suppressed: 0 });
      }
      write(`${JSON.stringify(line, printable)}\n`);
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

function printable(_key: string, value: unknown): unknown {
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  return typeof value === 'bigint' ? value.toString() : value;
}
