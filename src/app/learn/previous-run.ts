import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type PreviousRun, readMicropolicies } from '../../dialects/micropolicies/read-micropolicies.ts';
import { formatLocation } from '../../model/finding.ts';
import { Failure } from '../../util/failure.ts';
import { MICROPOLICIES_FILE } from '../policies/read-policy-files.ts';

/**
 * What an earlier run left in `folder`, with what people changed in it; undefined where none was. A `Failure` names
 * file and line of everything that a person has to correct.
 */
export async function readPreviousRun(folder: string): Promise<PreviousRun | undefined> {
  const file = join(folder, MICROPOLICIES_FILE);
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    const why = error.code === 'ENOTDIR' ? `${folder} is not a folder` : error.message;
    throw new Failure('input', `cannot read ${file}: ${why}`, 'Choose another folder.', { cause: error });
  });
  if (text === undefined) return undefined;
  const found = readMicropolicies(text, file);
  const [first, ...others] = found.findings.map(({ location, message }) => `${formatLocation(location)}: ${message}`);
  if (first === undefined) return found;
  const remedy = found.findings[0]?.remedy ?? '';
  throw new Failure('input', [first, ...others.map((other) => `  ${other}`)].join('\n'), remedy);
}
