import { createHash } from 'node:crypto';

/** The first hexadecimal digits, at most 64, of SHA-256 over `text`. */
export function hashHex(text: string, digits: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, digits);
}
