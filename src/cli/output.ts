import { type Finding, formatLocation } from '../model/finding.ts';
import type { CliContext } from './context.ts';

/** Columns of the terminal behind `stream`; undefined for files and pipes, where nothing may be cut. */
export function terminalWidth(stream: NodeJS.WritableStream): number | undefined {
  const { isTTY, columns } = stream as Partial<NodeJS.WriteStream>;
  return isTTY === true && columns !== undefined && columns > 0 ? columns : undefined;
}

/** Prints findings about files, one after the other with remedy, on stderr. */
export function printFindings(context: CliContext, findings: readonly Finding[]): void {
  for (const finding of findings) {
    const where = formatLocation(finding.location);
    context.stderr.write(
      `${finding.severity}: ${where}: ${finding.message} [${finding.rule}]\n  → ${finding.remedy}\n`,
    );
  }
}

/** A line for people on stderr, unless `-q`. */
export function hint(context: CliContext, quiet: boolean, text: string): void {
  if (!quiet) context.stderr.write(`${text}\n`);
}
