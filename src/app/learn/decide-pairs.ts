import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PlainObject } from '../../dialects/kubernetes/write.ts';
import { renderMicropolicies } from '../../dialects/micropolicies/micropolicies.ts';
import { Failure } from '../../util/failure.ts';
import { MICROPOLICIES_FILE } from '../policies/read-policy-files.ts';
import { type DecidedFields, type DecideRequest, decideOne } from './decide-one.ts';
import { readPreviousRun } from './previous-run.ts';

/** One sentence for each name. */
export interface DecideOutcome {
  readonly lines: readonly string[];
}

/**
 * Records decisions in the `micropolicies.yaml` of a folder; the next run of `learn` acts on them. All names are looked
 * up before anything is written.
 */
export async function decidePairs(request: DecideRequest): Promise<DecideOutcome> {
  const { folder } = request;
  const run = await readPreviousRun(folder);
  if (!run)
    throw new Failure('input', `${folder} holds no ${MICROPOLICIES_FILE}`, 'Name the folder that `learn --out` wrote.');
  let document = run.document as unknown as DecidedFields;
  const lines: string[] = [];
  for (const name of new Set(request.names)) {
    const decided = decideOne(document, name, request);
    document = decided.document;
    lines.push(decided.line);
  }
  const text = renderMicropolicies(document as unknown as PlainObject, run.comments);
  await replaceFile(join(folder, MICROPOLICIES_FILE), text);
  return { lines };
}

/** A crash leaves the old file or the new one, whole. */
async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, text, { flush: true });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw new Failure('input', `cannot write ${path}: ${(error as Error).message}`, 'Check permissions and disk.', {
      cause: error,
    });
  }
}
