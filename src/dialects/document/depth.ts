/**
 * Whether the text may hold values nested deeper than `limit`, judged by its brackets, its runs of `- - -` and its
 * steps of indentation alone. It is asked before parsing, because a parser that recurses can exhaust the stack in places
 * from which no error comes back. Text inside quotes counts too: no policy comes near the limit.
 */
export function mayNestDeeper(text: string, limit: number): boolean {
  return bracketsDeeper(text, limit) || indentsDeeper(text, limit);
}

function bracketsDeeper(text: string, limit: number): boolean {
  let open = 0;
  let run = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '[' || character === '{') open++;
    else if ((character === ']' || character === '}') && open > 0) open--;
    const indicates = character === '-' || character === '?' || character === ':';
    if (indicates && isBlank(text[at + 1])) run++;
    else if (!isBlank(character)) run = 0;
    if (open > limit || run > limit) return true;
  }
  return false;
}

function indentsDeeper(text: string, limit: number): boolean {
  const indents: number[] = [];
  for (const [, spaces = ''] of text.matchAll(/^( *)[^\s#]/gm)) {
    while (indents.length > 0 && (indents.at(-1) as number) >= spaces.length) indents.pop();
    indents.push(spaces.length);
    if (indents.length > limit) return true;
  }
  return false;
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t';
}
