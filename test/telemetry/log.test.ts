import { expect, test } from 'vitest';
import { createLog, type LogLevel } from '../../src/telemetry/log.ts';

function logged(level: LogLevel = 'info') {
  const lines: Record<string, unknown>[] = [];
  let clock = 0;
  const log = createLog({ write: (line) => lines.push(JSON.parse(line)), now: () => clock, level });
  return { lines, log, pass: (milliseconds: number) => (clock += milliseconds) };
}

test('a line is JSON with time, level, message and the facts', () => {
  const { lines, log } = logged();
  log.info('joined', { group: 'g', error: new TypeError('bad'), big: 12n });
  expect(lines).toEqual([
    {
      time: '1970-01-01T00:00:00.000Z',
      level: 'info',
      message: 'joined',
      group: 'g',
      error: 'TypeError: bad',
      big: '12',
    },
  ]);
});

test('what is below the level is left out', () => {
  const { lines, log } = logged('warn');
  log.debug('a');
  log.info('b');
  log.warn('c');
  expect(lines.map(({ message }) => message)).toEqual(['c']);
});

test('an error that repeats is printed once in ten seconds, with the number of those left out', () => {
  const { lines, log, pass } = logged();
  for (let second = 0; second < 25; second++) {
    log.error('store away', { second });
    log.error('other');
    pass(1_000);
  }
  const away = lines.filter(({ message }) => message === 'store away');
  expect(away.map(({ second, suppressed }) => [second, suppressed])).toEqual([
    [0, undefined],
    [10, 9],
    [20, 9],
  ]);
  expect(lines).toHaveLength(6);
});
