/**
 * Whether a DNS name fits a pattern in which `*` stands for any characters within one label and `**` for any
 * characters at all. Case and a trailing dot do not count.
 */
export function matchesPattern(name: string, pattern: string): boolean {
  return expressionOf(pattern).test(plain(name));
}

function expressionOf(pattern: string): RegExp {
  const parts = plain(pattern).split(/(\*+)/);
  const source = parts.map((part) => (part === '*' ? '[^.]*' : part.startsWith('**') ? '.*' : escaped(part)));
  return new RegExp(`^${source.join('')}$`);
}

function plain(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

/** Istio's string match: exact, `prefix*`, `*suffix`, or `*` for any text that is not empty. */
export function matchesWildcard(text: string, pattern: string): boolean {
  if (pattern === '*') return text !== '';
  if (pattern.endsWith('*')) return text.startsWith(pattern.slice(0, -1));
  return pattern.startsWith('*') ? text.endsWith(pattern.slice(1)) : text === pattern;
}
