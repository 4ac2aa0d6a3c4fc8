import type { Finding } from '../model/finding.ts';
import { type CliContext, EXIT } from './context.ts';
import { hint, printFindings } from './output.ts';
import { writeText } from './write-text.ts';

/** What a command found out about policies. */
interface Outcome {
  readonly findings: readonly Finding[];
  /** Lines for people, besides the result. */
  readonly notes: readonly string[];
  /** The result, whole or in pieces; absent when the input could not be read exactly. */
  readonly text?: string | Iterable<string>;
}

/** Prints findings and notes on stderr and the result on stdout; without a result the exit code blames the input. */
export async function printOutcome(
  context: CliContext,
  { quiet }: { readonly quiet: boolean },
  { findings, notes, text }: Outcome,
): Promise<void> {
  printFindings(context, findings);
  for (const note of notes) hint(context, quiet, note);
  if (text === undefined) return context.setExitCode(EXIT.input);
  await writeText(context.stdout, typeof text === 'string' ? [text] : text);
}
