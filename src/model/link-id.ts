import { hash64 } from '../util/hash64.ts';
import type { HeldBack, UnusedGrant } from './pair.ts';

/** `link-` and 8 hex digits: how people name a held-back link when they decide on it. */
export function linkId(link: Pick<HeldBack, 'client' | 'server' | 'protocol' | 'port'>): string {
  return `link-${digest(linkText(link))}`;
}

/** `removal-` and 8 hex digits: how people name the proposal to let a grant of one pair go. */
export function removalId(pair: string, grant: Pick<UnusedGrant, 'client' | 'server' | 'protocol' | 'port'>): string {
  return `removal-${digest(`${pair} ${linkText(grant)}`)}`;
}

function linkText({ client, server, protocol, port }: Pick<HeldBack, 'client' | 'server' | 'protocol' | 'port'>) {
  return `${client}\0${server}\0${protocol}\0${port}`;
}

function digest(text: string): string {
  return BigInt(hash64(text)).toString(16).padStart(16, '0').slice(0, 8);
}
