import type { Random } from '../../util/random.ts';
import { SECOND } from '../clock.ts';

/** Writes ascending times as RFC 3339 with nine digits: equal microseconds are told apart in the nanoseconds. */
export function createTimestamps(): (time: number) => string {
  let second = -1;
  let prefix = '';
  let last = -1;
  let nanoseconds = 0;
  return (time) => {
    const whole = Math.floor(time / SECOND);
    if (whole !== second) {
      second = whole;
      prefix = `${new Date(whole * 1000).toISOString().slice(0, 19)}.`;
    }
    nanoseconds = time === last ? Math.min(nanoseconds + 1, 999) : (time * 7) % 900;
    last = time;
    const micro = time - whole * SECOND;
    return `${prefix}${String(micro * 1000 + nanoseconds).padStart(9, '0')}Z`;
  };
}

const HEX = Array.from({ length: 65_536 }, (_, value) => value.toString(16).padStart(4, '0'));
const hex = (value: number): string => HEX[value & 0xffff] as string;

/** A version 4 UUID. */
export function uuid(random: Random): string {
  const [a, b, c, d] = [random.uint32(), random.uint32(), random.uint32(), random.uint32()];
  const version = hex((b & 0x0fff) | 0x4000);
  const variant = hex((c & 0x3fff) | 0x8000);
  return `${hex(a)}${hex(a >>> 16)}-${hex(b >>> 16)}-${version}-${variant}-${hex(c >>> 16)}${hex(d)}${hex(d >>> 16)}`;
}
