import { NOTHING } from '../../evaluate/connectivity/service-sets.ts';
import type { ConnectivityResult } from './result.ts';

/**
 * The contract of `connectivity -o json`: an array of `{src, dst, allowed}`, one element a line, sorted by source, then
 * destination. Only what is surely allowed counts.
 */
export function* connectivityJson({ ends, found, space, sets }: ConnectivityResult): Generator<string> {
  const texts = ends.map(({ shown }) => JSON.stringify(shown));
  const allowed: string[] = [];
  yield '[';
  let before = '\n';
  for (const from of ends.keys()) {
    const outcomes = found.outcomesFrom(from);
    let piece = '';
    const start = `{"src":${texts[from]},"dst":`;
    for (let to = 0; to < outcomes.length; to++) {
      const outcome = outcomes[to] as number;
      if (outcome === NOTHING) continue;
      allowed[outcome] ??= allowedText(outcome);
      if (allowed[outcome] === '') continue;
      piece += before + start + texts[to] + allowed[outcome];
      before = ',\n';
    }
    yield piece;
  }
  yield `${before === '\n' ? '' : '\n'}]\n`;

  function allowedText(outcome: number): string {
    const { sure } = sets.get(outcome);
    return sure.length === 0 ? '' : `,"allowed":${JSON.stringify(space.toJson(sure))}}`;
  }
}
