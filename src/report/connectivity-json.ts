import { NOTHING } from '../evaluate/service-sets.ts';
import type { ConnectivityResult } from './connectivity-result.ts';

/** Pairs are written in pieces of about this many characters: there may be millions. */
const PIECE = 1 << 16;

/**
 * The contract of `connectivity -o json`: an array of `{src, dst, allowed}`, one element a line, sorted by source, then
 * destination. Only what is surely allowed counts.
 */
export function* connectivityJson({ ends, found, space, sets }: ConnectivityResult): Generator<string> {
  const texts = ends.map(({ shown }) => JSON.stringify(shown));
  const allowed: string[] = [];
  let piece = '[';
  let before = '\n';
  for (const from of ends.keys()) {
    const outcomes = found.outcomesFrom(from);
    const start = `{"src":${texts[from]},"dst":`;
    for (let to = 0; to < outcomes.length; to++) {
      const outcome = outcomes[to] as number;
      if (outcome === NOTHING) continue;
      allowed[outcome] ??= allowedText(outcome);
      if (allowed[outcome] === '') continue;
      piece += before + start + texts[to] + allowed[outcome];
      before = ',\n';
    }
    if (piece.length < PIECE) continue;
    yield piece;
    piece = '';
  }
  yield `${piece}${before === '\n' ? '' : '\n'}]\n`;

  function allowedText(outcome: number): string {
    const { sure } = sets.get(outcome);
    return sure.length === 0 ? '' : `,"allowed":${JSON.stringify(space.toJson(sure))}}`;
  }
}
