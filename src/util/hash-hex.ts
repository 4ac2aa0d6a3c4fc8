import { hash } from 'node:crypto';

/** The first hexadecimal digits, at most 64, of SHA-256 over `text`. */
export function hashHex(text: string, digits: number): string {
  return hash('sha256', text, 'hex').slice(0, digits);
}
