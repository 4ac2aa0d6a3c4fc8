import type { ConnectivityEnd } from '../../evaluate/connectivity/connectivity.ts';
import type { EffectiveSide } from '../../evaluate/explain/effective-rules.ts';
import { policyName } from '../../model/policy.ts';
import { formatTable } from '../../util/table.ts';
import { endText, servicesText } from '../connectivity/result.ts';
import { nftables } from './nftables.ts';
import type { RenderResult } from './result.ts';

export type RenderFormat = 'table' | 'json' | 'nftables';

export const RENDER_FORMATS: Readonly<
  Record<RenderFormat, (result: RenderResult, width: number | undefined) => Iterable<string>>
> = { table, json, nftables };

function* json({ ends, space, workloads }: RenderResult): Generator<string> {
  const side = ({ isolated, policies, rules }: EffectiveSide) => ({
    isolated,
    policies: policies.map(policyName),
    rules: rules.map(({ services, peers }) => ({
      services: space.toJson(services),
      peers: peers.map((peer) => ends[peer]?.shown),
    })),
  });
  const values = workloads.map(({ own, ingress, egress }) => ({
    workload: ends[own]?.shown,
    ingress: side(ingress),
    egress: side(egress),
  }));
  yield `${JSON.stringify(values, undefined, 2)}\n`;
}

/** Peers beyond this many are counted, not listed. */
const MOST_PEERS = 8;

function* table({ ends, space, workloads }: RenderResult, width: number | undefined): Generator<string> {
  for (const { own, ingress, egress } of workloads) {
    yield `${endText(ends[own] as ConnectivityEnd)}\n`;
    for (const side of [ingress, egress]) {
      const policies = side.policies.length === 0 ? 'no policy' : side.policies.map(policyName).join(', ');
      yield `\n${side.side}, ${side.isolated ? 'isolated' : 'not isolated'} (${policies})\n`;
      const rows = side.rules.map(({ services, peers }) => {
        const names = peers.slice(0, MOST_PEERS).map((peer) => endText(ends[peer] as ConnectivityEnd));
        const more = peers.length > MOST_PEERS ? `, and ${peers.length - MOST_PEERS} more` : '';
        return [servicesText(space.toJson(services)), `${names.join(', ')}${more}`];
      });
      const columns = [{ title: 'services' }, { title: side.side === 'ingress' ? 'from' : 'to' }];
      yield rows.length === 0 ? '  nothing is allowed\n' : formatTable(columns, rows, width);
    }
    yield '\n';
  }
}
