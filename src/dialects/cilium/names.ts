import { converted, object, type Read, text, wrong } from '../document/fields.ts';

const NAME = /^[-a-zA-Z0-9_.]{1,255}$/;
const PATTERN = /^[-a-zA-Z0-9_.*]{1,255}$/;

/**
 * X23: `matchName` or `matchPattern`, as a pattern of the neutral model: there `*` stays inside one label and `**`
 * stands for any characters. A lone star means every name; `**` counts only in front of the first dot.
 */
export const fqdnPattern: Read<string> = converted(
  object({ matchName: text, matchPattern: text }),
  ({ matchName, matchPattern }, field) => {
    const given = matchName ?? matchPattern;
    if (given === undefined || (matchName !== undefined && matchPattern !== undefined)) {
      return wrong(field, 'bad-name', 'it needs either matchName or matchPattern', 'Give one of the two.');
    }
    if (!(matchName === undefined ? PATTERN : NAME).test(given)) {
      const remedy = 'Use letters, digits, "-", "_" and "."; "*" in matchPattern only.';
      return wrong(field, 'bad-name', `"${given.slice(0, 80)}" is no DNS name`, remedy);
    }
    return toNeutral(given);
  },
);

function toNeutral(pattern: string): string {
  if (pattern === '*') return '**';
  const start = pattern.startsWith('**.') ? '**.' : '';
  return start + pattern.slice(start.length).replace(/\*+/g, '*');
}

/** The Cilium form of a pattern that `fqdnPattern` could have given; absent for others. */
export function writtenPattern(pattern: string): Readonly<Record<string, string>> | undefined {
  if (pattern === '**') return { matchPattern: '*' };
  if (pattern === '*' || !PATTERN.test(pattern) || pattern.replace(/^\*\*\./, '').includes('**')) return undefined;
  return pattern.includes('*') ? { matchPattern: pattern } : { matchName: pattern };
}
