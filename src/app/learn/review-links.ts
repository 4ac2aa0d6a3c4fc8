import type { PolicyPair } from '../../model/pair.ts';
import { appendTo } from '../../util/append-to.ts';
import { compareText } from '../../util/compare.ts';

/** Paths of the manifests of each pair, by its id, sorted. */
export type FilesByPair = ReadonlyMap<string, readonly string[]>;

/** Finds the manifests of each pair by the label that every dialect puts on them. */
export function filesByPair(files: ReadonlyMap<string, string>): FilesByPair {
  const found = new Map<string, string[]>();
  for (const [path, text] of [...files].sort(([a], [b]) => compareText(a, b))) {
    const ids = new Set([...text.matchAll(/^ +microwall\.io\/pair: "?([0-9a-f]{12})/gm)].map(([, id = '']) => id));
    for (const id of ids) appendTo(found, id, path);
  }
  return found;
}

/** The name of a pair, linked to its first service half, else to whatever it has. */
export function pairLink({ id, function: name }: Pick<PolicyPair, 'id' | 'function'>, files: FilesByPair): string {
  const paths = files.get(id) ?? [];
  const path = paths.find((one) => one.includes('-service')) ?? paths[0];
  return path === undefined ? `**${plain(name)}**` : `**[${plain(name)}](${path})**`;
}

/** Text from logs or labels as it stands in Markdown, on one line and without a meaning of its own. */
export function plain(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ').replace(/[\\`*_[\]<>|]/g, '\\$&');
}
