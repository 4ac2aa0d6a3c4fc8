/** Tags that are not closed in order; empty for well-formed settings without CDATA and processing instructions. */
export function unclosedTags(xml: string): string[] {
  const open: string[] = [];
  const text = xml.replace(/<!--[\s\S]*?-->/g, '');
  for (const [, closing, name = '', empty] of text.matchAll(
    /<(\/?)([A-Za-z_][\w.-]*)(?:\s+[\w-]+="[^"]*")*\s*(\/?)>/g,
  )) {
    if (closing === '/') {
      if (open.pop() !== name) return [...open, `/${name}`];
    } else if (empty !== '/') open.push(name);
  }
  return open;
}

/** Names of the elements directly below `parent`, in order. */
export function childrenOf(xml: string, parent: string): string[] {
  const text = xml.replace(/<!--[\s\S]*?-->/g, '');
  const body = new RegExp(`<${parent}>([\\s\\S]*?)</${parent}>`).exec(text)?.[1] ?? '';
  const names: string[] = [];
  for (let rest = body; ; ) {
    const match = /<([A-Za-z_][\w.-]*)[^>]*?(?:\/>|>([\s\S]*?)<\/\1>)/.exec(rest);
    if (!match?.[1]) return names;
    names.push(match[1]);
    rest = rest.slice(match.index + match[0].length);
  }
}
