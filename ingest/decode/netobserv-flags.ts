import { number, texts } from './fields.ts';
import { type Opener, openerByFlags } from './orientation.ts';

/** Plain TCP flags, and the agent's own for flags that were set in one packet together. */
const BITS: Readonly<Record<string, number>> = {
  FIN: 0x01,
  SYN: 0x02,
  RST: 0x04,
  PSH: 0x08,
  ACK: 0x10,
  URG: 0x20,
  ECE: 0x40,
  CWR: 0x80,
  SYN_ACK: 0x100,
  FIN_ACK: 0x200,
  RST_ACK: 0x400,
};
const COMBINATIONS = 0x700;

/** What the flags of a slice tell. */
export interface SliceFlags {
  readonly opener: Opener | undefined;
  /** The slice holds the opening packet of its connection. */
  readonly opens: boolean;
  /** The sender acknowledged something, so it had received something: both sides spoke. */
  readonly answered: boolean;
}

const NOTHING: SliceFlags = { opener: undefined, opens: false, answered: false };

function maskOf(value: unknown): { readonly mask: number; readonly perPacket: boolean } {
  if (Array.isArray(value)) {
    return { mask: texts(value).reduce((mask, name) => mask | (BITS[name.toUpperCase()] ?? 0), 0), perPacket: true };
  }
  const mask = number(value) ?? 0;
  return { mask, perPacket: (mask & COMBINATIONS) !== 0 };
}

/**
 * Reads `Flags`, names in newer releases and a number in older ones. Where the agent records combinations, SYN alone
 * means a packet with SYN and no ACK; in a plain OR-ed mask it says something only when nothing else is in it, or when `packets` is one.
 */
export function readFlags(protocol: number, value: unknown, packets: number): SliceFlags {
  if (protocol !== 6) return NOTHING;
  const { mask, perPacket } = maskOf(value);
  const answered = (mask & (0x10 | COMBINATIONS)) !== 0;
  if (!perPacket) {
    const opener = openerByFlags(protocol, mask, packets === 1 ? 'exact' : 'window');
    return { opener, opens: opener?.order === 'forward', answered };
  }
  if ((mask & 0x100) !== 0) return { opener: { oriented: 'flags', order: 'reply' }, opens: false, answered: true };
  if ((mask & 0x02) === 0) return { opener: undefined, opens: false, answered };
  return { opener: { oriented: 'flags', order: 'forward' }, opens: true, answered };
}
