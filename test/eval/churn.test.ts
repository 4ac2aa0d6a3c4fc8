import { describe, expect, it } from 'vitest';
import { compareRuns, type PairState, sumChurn } from '../bench/eval/churn.ts';

const state = (name: string, text: string, ...grants: string[]): PairState => ({
  ...{ id: name, name, text, grants: new Set(grants), names: () => text.slice(0, 1) },
});
const given = { fresh: new Set<string>(), pods: [] };

describe('two runs', () => {
  const before = [state('log', 'L', 'a log 1', 'b log 1'), state('db', 'D', 'a db 2')];

  it('that are equal have no churn', () => {
    expect(compareRuns(before, before, given)).toMatchObject({ gratuitous: [], unexplained: [], kept: 2 });
  });

  it('change gratuitously where the words change and the grants do not', () => {
    const after = [state('log-2', 'L2', 'b log 1', 'a log 1'), state('db', 'D', 'a db 2')];
    expect(compareRuns(before, after, given)).toMatchObject({
      gratuitous: ['log-2'],
      unexplained: [],
      keptName: 1,
    });
  });

  it('have to change their words where those of before no longer name the same pods', () => {
    const after = [state('log', 'other', 'a log 1', 'b log 1'), state('db', 'D', 'a db 2')];
    expect(compareRuns(before, after, given)).toMatchObject({ gratuitous: [], unexplained: [] });
  });

  it('may change where something new was observed, and nowhere else', () => {
    const after = [state('log', 'L3', 'a log 1', 'b log 1', 'c log 1'), state('db', 'D2', 'b db 2')];
    const churn = compareRuns(before, after, { ...given, fresh: new Set(['c log 1']) });
    expect(churn).toMatchObject({ gratuitous: [], unexplained: ['db'], kept: 2, keptName: 2 });
  });
});

describe('a series of runs', () => {
  it('is summed up by pairs', () => {
    const one = { pairs: 10, gratuitous: ['a'], unexplained: ['b'], kept: 10, keptName: 9 };
    const other = { pairs: 10, gratuitous: [], unexplained: [], kept: 10, keptName: 10 };
    expect(sumChurn([one, other])).toEqual({ gratuitous: 1, perDay: 0.05, namesKept: 0.95 });
    expect(sumChurn([])).toEqual({ gratuitous: 0, perDay: undefined, namesKept: undefined });
  });
});
