/** Lines, from 1, at which Git marked where two versions of a text could not be merged. */
export function conflictMarkers(text: string): number[] {
  if (!text.includes('<<<<<<<') || !/^>{7}/m.test(text)) return [];
  return text.split('\n').flatMap((line, i) => (/^<{7}(\s|$)/.test(line) ? [i + 1] : []));
}
