import { describe, expect, it } from 'vitest';
import { distanceClosed, overGrant, scoreAttacks, scoreTuples, share, widestOverGrant } from '../bench/eval/scores.ts';

const set = (...tuples: string[]) => new Set(tuples);

describe('scores of a set of tuples', () => {
  const question = {
    granted: set('a', 'b', 'x', 'y'),
    needed: set('a', 'b', 'c', 'd'),
    replicated: set('a', 'c', 'd'),
    undecidable: set('y'),
    seen: set('a', 'b', 'c', 'x'),
    grantable: 16,
  };

  it('counts what is needed of what is granted, and leaves out what is neither right nor wrong', () => {
    expect(scoreTuples(question).precision).toBeCloseTo(2 / 3);
  });

  it('counts what is granted of what is needed, of what of it was seen, and of what several replicas could show', () => {
    const { recall, recallSeen, recallReplicated } = scoreTuples(question);
    expect(recall).toBe(2 / 4);
    expect(recallSeen).toBeCloseTo(2 / 3);
    expect(recallReplicated).toBe(1 / 2);
  });

  it('measures how much of everything is closed', () => {
    expect(scoreTuples(question).surfaceReduction).toBe(0.75);
  });

  it('has no precision where nothing is granted', () => {
    const { precision, recall } = scoreTuples({ ...question, granted: set() });
    expect(precision).toBeUndefined();
    expect(recall).toBe(0);
  });
});

describe('attacks', () => {
  it('are admitted in part, and left out when they tried nothing that is not needed anyway', () => {
    const attacks = new Map([
      ['scan', set('a', 'x')],
      ['slow', set('x', 'z')],
      ['idle', set()],
    ]);
    expect([...scoreAttacks(set('a', 'b', 'z'), attacks)]).toEqual([
      ['scan', 0.5],
      ['slow', 0.5],
    ]);
  });
});

describe('shares', () => {
  it('of nothing do not exist', () => expect(share(0, 0)).toBeUndefined());
  it('of over-granted tuples count what was not trusted', () => {
    expect(overGrant(['a', 'b', 'c', 'd'], set('a', 'b', 'c', 'q'))).toBe(0.25);
    expect(overGrant([], set('a'))).toBe(0);
  });
  it('of the port that was opened furthest are told apart for what a platform offers', () => {
    const granted = ['a log TCP/514', 'b log TCP/514', 'a db TCP/80', 'b db TCP/80', 'c db TCP/80', 'a x TCP/80'];
    const trusted = set('a log TCP/514', 'a db TCP/80', 'c db TCP/80', 'a x TCP/80');
    const isPlatform = (port: string): boolean => port === 'TCP/514';
    expect(widestOverGrant(granted, { trusted, isPlatform })).toEqual({ platform: 0.5, other: 1 / 3 });
    expect(widestOverGrant([], { trusted, isPlatform })).toEqual({ platform: 0, other: 0 });
  });
  it('of a distance to full recall can be negative, and is full where nothing was missing', () => {
    expect(distanceClosed(0.97, 0.94)).toBeCloseTo(0.5);
    expect(distanceClosed(0.9, 0.94)).toBeLessThan(0);
    expect(distanceClosed(1, 1)).toBe(1);
  });
});
