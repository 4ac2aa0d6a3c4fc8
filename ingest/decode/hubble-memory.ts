import type { LabelInterner } from '../../src/model/labels.ts';
import { address } from './address.ts';
import { text } from './fields.ts';
import { HubbleEndpoints } from './hubble-endpoint.ts';

/** `cluster/node` as Cilium ≥ 1.9 writes it; older agents write the node alone. */
export interface NodeName {
  readonly cluster: string;
  readonly node: string;
}

/** More addresses than clusters have; beyond, the memory starts anew instead of growing. */
const ADDRESS_LIMIT = 200_000;
const NODE_LIMIT = 20_000;

/**
 * What repeats in millions of records, read once: endpoints, addresses and node names. It only saves time: every answer
 * depends on the question alone.
 */
export class HubbleMemory {
  readonly endpoints: HubbleEndpoints;
  readonly #addresses = new Map<unknown, string>();
  readonly #nodes = new Map<unknown, NodeName>();

  constructor(interner: LabelInterner) {
    this.endpoints = new HubbleEndpoints(interner);
  }

  address(value: unknown): string {
    const known = this.#addresses.get(value);
    if (known !== undefined) return known;
    if (typeof value !== 'string' || value.length > 64) return '';
    if (this.#addresses.size >= ADDRESS_LIMIT) this.#addresses.clear();
    const canonical = address(value);
    this.#addresses.set(value, canonical);
    return canonical;
  }

  node(value: unknown): NodeName {
    const known = this.#nodes.get(value);
    if (known !== undefined) return known;
    if (this.#nodes.size >= NODE_LIMIT) this.#nodes.clear();
    const name = splitNode(text(value));
    if (typeof value === 'string') this.#nodes.set(value, name);
    return name;
  }
}

function splitNode(name: string): NodeName {
  const slash = name.indexOf('/');
  return slash < 0 ? { cluster: '', node: name } : { cluster: name.slice(0, slash), node: name.slice(slash + 1) };
}

const MEMORIES = new WeakMap<LabelInterner, HubbleMemory>();

/** The memory that belongs to `interner`: as long-lived as the label sets it refers to. */
export function memoryOf(interner: LabelInterner): HubbleMemory {
  const known = MEMORIES.get(interner);
  if (known !== undefined) return known;
  const created = new HubbleMemory(interner);
  MEMORIES.set(interner, created);
  return created;
}
