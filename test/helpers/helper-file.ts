import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Path of a file that lies beside the sources of the helpers, also when they run compiled from `dist`. */
export function helperFile(name: string): string {
  const beside = fileURLToPath(new URL(`./${name}`, import.meta.url));
  return existsSync(beside) ? beside : fileURLToPath(new URL(`../../../test/helpers/${name}`, import.meta.url));
}
