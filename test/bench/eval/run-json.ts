import type { Run } from './run.ts';

/** One run as plain data, without the sets behind it; the tuples that were missed or wrong are listed. */
export function runJson({ detail, variants, attacks, ...run }: Run): object {
  const { answers, seen, learned } = detail;
  const told = (tuple: string) => {
    const sight = seen.get(tuple);
    const counts = sight && { days: sight.days.size, hours: sight.hours.size, clients: sight.clients.size };
    return { tuple, ...counts };
  };
  return {
    ...run,
    attacks: [...attacks.keys()],
    variants: Object.fromEntries(
      [...variants].map(([name, scores]) => [name, { ...scores, attacks: Object.fromEntries(scores.attacks) }]),
    ),
    missed: [...answers.needed].filter((tuple) => seen.has(tuple) && !learned.tuples.has(tuple)).map(told),
    wrong: [...learned.tuples].filter((tuple) => !answers.needed.has(tuple)).map(told),
  };
}
