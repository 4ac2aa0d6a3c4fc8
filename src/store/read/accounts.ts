import type { Workload } from '../../model/inventory.ts';
import type { Store } from '../store.ts';
import { hoursOf, IN_HOURS, type TimeWindow } from './window.ts';

/** Service accounts by workload; a workload that was seen under several has none. */
export interface SeenAccounts {
  of(workload: Pick<Workload, 'cluster' | 'namespace' | 'kind' | 'name'>): string;
}

const CLIENTS = `SELECT cluster, src_ns, src_wl_kind, src_wl, groupUniqArrayArray(2)(principals) FROM edges_1h AS e
  WHERE ${IN_HOURS} AND src_kind = 'pod' AND src_wl != '' AND notEmpty(principals)
  GROUP BY cluster, src_ns, src_wl_kind, src_wl`;

/** The accounts under which clients called, where their sources tell identities. */
export async function readAccounts(store: Store, window: TimeWindow): Promise<SeenAccounts> {
  const accounts = new Map<string, string>();
  for (const [cluster, namespace, kind, name, principals] of await store.query(CLIENTS, hoursOf(window))) {
    const [only = '', ...others] = principals as string[];
    const account = others.length > 0 ? '' : accountIn(only, String(namespace));
    if (account !== '') accounts.set([cluster, namespace, kind, name].join('\0'), account);
  }
  return {
    of: ({ cluster, namespace, kind, name }) => accounts.get([cluster, namespace, kind, name].join('\0')) ?? '',
  };
}

/** `spiffe://td/ns/shop/sa/web` → `web`; nothing of another namespace, whose identity the source mixed up. */
function accountIn(principal: string, namespace: string): string {
  const [, of, account = ''] = /\/ns\/([^/]+)\/sa\/([^/]+)$/.exec(principal) ?? [];
  return of === namespace ? account : '';
}
