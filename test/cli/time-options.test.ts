import { describe, expect, it } from 'vitest';
import { parseMoment } from '../../src/cli/time-options.ts';
import { microwall } from './microwall.ts';

describe('times on the command line', () => {
  it.each([
    ['2026-11-01', { at: Date.UTC(2026, 10, 1) }],
    ['2026-11-01T10:00Z', { at: Date.UTC(2026, 10, 1, 10) }],
    ['2026-11-01T10:00:00.250Z', { at: Date.UTC(2026, 10, 1, 10, 0, 0, 250) }],
    ['2026-11-01t10:00:00z', { at: Date.UTC(2026, 10, 1, 10) }],
    ['2026-11-01T00:30:00+02:00', { at: Date.UTC(2026, 9, 31, 22, 30) }],
    ['2028-02-29', { at: Date.UTC(2028, 1, 29) }],
    ['90s', { ago: 90_000 }],
    ['1.5d', { ago: 129_600_000 }],
  ])('takes %s', (text, moment) => {
    expect(parseMoment(text)).toEqual(moment);
  });

  it.each([
    '',
    'yesterday',
    '2026-02-30',
    '2026-13-01',
    '2026-11-01T10:00:00',
    '2026-11-01T25:00:00Z',
    '1762000000',
    '7',
  ])('refuses %j, which is no moment or not the same everywhere', (text) => {
    expect(() => parseMoment(text)).toThrow('2026-11-01T10:00:00Z');
  });

  it.each(['learn', 'check', 'report', 'diff', 'reach', 'query'])('%s explains its times', async (command) => {
    const args = command === 'query' ? ['query', 'flows'] : [command];
    const { out } = await microwall([...args, '--help']);
    expect(out).toContain('--since <duration>');
    expect(out).toContain(command === 'query' ? '--after <time>' : '--from <time>');
    expect(out).toContain(command === 'query' ? '--before <time>' : '--to <time>');
  });

  it('refuses two beginnings, and a time that is none, as wrong usage', async () => {
    const twice = await microwall(['learn', '--since', '7d', '--from', '2026-11-01']);
    expect(twice.exit).toBe(2);
    expect(twice.err).toContain('--from');
    expect((await microwall(['check', 'policies', '--to', 'noon'])).exit).toBe(2);
    expect((await microwall(['query', 'edges', '--after', 'noon'])).exit).toBe(2);
  });
});
