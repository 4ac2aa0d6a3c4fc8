import type { Learned } from '../../model/pair.ts';
import { thousands } from '../../util/thousands.ts';
import type { LearnChanges } from './changes.ts';
import type { FilesByPair } from './review-links.ts';

/** What a review is written from. */
export interface ReviewInput {
  readonly learned: Learned;
  readonly changes: Omit<LearnChanges, 'files'>;
  readonly files: FilesByPair;
  readonly cluster: string;
  /** ISO dates of the window. */
  readonly from: string;
  readonly to: string;
  readonly sentences: Readonly<Record<string, string>>;
}

/** At most so many entries of one list; what matters most comes first, `micropolicies.yaml` has them all. */
const LISTED = 15;

/** A section with a heading; nothing when it would be empty. */
export function section(title: string, lines: readonly string[], lead = ''): string {
  if (lines.length === 0) return '';
  return `## ${title}\n\n${lead === '' ? '' : `${lead}\n\n`}${lines.join('\n')}\n`;
}

/** The first lines of a list, and where the others are. */
export function limited(lines: readonly string[], where = '`micropolicies.yaml`'): string[] {
  if (lines.length <= LISTED) return [...lines];
  return [...lines.slice(0, LISTED), `- … and ${thousands(lines.length - LISTED)} more in ${where}`];
}
