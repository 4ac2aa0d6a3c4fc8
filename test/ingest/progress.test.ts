import { describe, expect, it } from 'vitest';
import { progressLine, progressReporter } from '../../ingest/files/progress.ts';

describe('progress', () => {
  it('tells rate, share and time left', () => {
    const line = progressLine({ records: 1_250_000, bytes: 42, totalBytes: 100 }, 20_000);
    expect(line).toBe('1,250,000 records, 62,500/s, 42 %, 28 s left');
    expect(progressLine({ records: 10, bytes: 1, totalBytes: 10_000 }, 60_000)).toContain('166 h 39 min left');
  });

  it('knows neither share nor end of a pipe', () => {
    expect(progressLine({ records: 500, bytes: 42, totalBytes: undefined }, 1000)).toBe('500 records, 500/s');
  });

  it.each([
    [true, 'a terminal', '\r200 records, 182/s\r                 \r'],
    [false, 'a file', '200 records, 182/s\n'],
  ])('says nothing in the first second, then (terminal: %s) writes to %s', (isTerminal, _, expected) => {
    let time = 0;
    let written = '';
    const reporter = progressReporter({
      now: () => time,
      isTerminal,
      write: (text) => {
        written += text;
      },
    });
    for (const [at, records] of [
      [500, 100],
      [1100, 200],
      [1150, 300],
    ] as const) {
      time = at;
      reporter.report({ records, bytes: 0, totalBytes: undefined });
    }
    reporter.clear();
    expect(written.replace(/ {2,}/, '                 ')).toBe(expected);
  });
});
