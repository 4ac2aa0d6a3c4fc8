import type { PolicyRule, PortMatcher, RuleAction, Side } from '../../model/policy.ts';
import type { PortRange } from '../../model/ports.ts';
import type { PlainObject } from '../kubernetes/write.ts';
import { chunks, Inexpressible } from '../writing/documents.ts';
import { type PeerOptions, writePeers } from './write-peers.ts';

/** How one version of the API spells what both mean. */
export interface Spelling {
  readonly actions: Readonly<Partial<Record<RuleAction, string>>>;
  readonly portsField: 'protocols' | 'ports';
  readonly namedPort: (name: string) => PlainObject;
  readonly port: (protocol: 6 | 17 | 132, range: PortRange) => PlainObject;
  /** Items of a list. */
  readonly most: number;
}

/** The rule in as many parts as the limits of the API ask for; all of them do the same, so any may match. */
export function writeRule(
  rule: PolicyRule,
  side: Side,
  { spelling, options }: { readonly spelling: Spelling; readonly options: PeerOptions },
): readonly PlainObject[] {
  const action = spelling.actions[rule.action];
  if (action === undefined) throw new Inexpressible(`there are no ${rule.action} rules at this place`);
  if (rule.self) throw new Inexpressible('its rules cannot say more about the subject than the policy does');
  if (rule.notPorts || rule.sourcePorts || rule.notSourcePorts) {
    throw new Inexpressible('its rules know the ports of the destination only, and only which, not which not');
  }
  if (rule.conditions?.length) throw new Inexpressible(`its rules cannot ask for "${rule.conditions.join(', ')}"`);
  const peers = writePeers(rule.peer, side, options);
  const ports = rule.ports && writePorts(rule.ports, spelling);
  if (peers.length === 0 || ports?.length === 0) return [];
  checkPairs(rule, peers);
  return chunks(peers, spelling.most).flatMap((somePeers) =>
    (ports ? chunks(ports, spelling.most) : [undefined]).map((somePorts) => ({
      ...(rule.name !== '' && { name: rule.name.slice(0, 100) }),
      action,
      [side === 'ingress' ? 'from' : 'to']: somePeers,
      ...(somePorts && { [spelling.portsField]: somePorts }),
    })),
  );
}

/** A8, A10, C7, C10. */
function checkPairs({ action, ports = [] }: PolicyRule, peers: readonly PlainObject[]): void {
  if (action !== 'allow' && peers.some((peer) => 'domainNames' in peer)) {
    throw new Inexpressible('domain names can only be allowed');
  }
  const named = ports.some((port) => 'portName' in port);
  if (named && peers.some((peer) => 'networks' in peer || 'nodes' in peer || 'domainNames' in peer)) {
    throw new Inexpressible('port names cannot stand beside addresses, nodes or domain names');
  }
}

const TRANSPORTS: readonly number[] = [6, 17, 132];
const ALL_PORTS: PortRange = { from: 1, to: 65_535 };

/** Absent: every protocol and port. */
function writePorts(matchers: readonly PortMatcher[], spelling: Spelling): readonly PlainObject[] | undefined {
  if (matchers.some(isEverything)) return undefined;
  return matchers.flatMap((matcher) => {
    if ('portName' in matcher) {
      if (matcher.protocol === undefined) return [spelling.namedPort(matcher.portName)];
      throw new Inexpressible('a port name cannot be limited to one protocol');
    }
    const { protocol } = matcher;
    if (protocol === undefined) throw new Inexpressible('a port needs a protocol');
    if (!TRANSPORTS.includes(protocol)) throw new Inexpressible('its rules know TCP, UDP and SCTP only');
    const ranges = ('ports' in matcher ? matcher.ports : undefined) ?? [ALL_PORTS];
    return ranges
      .filter(({ to }) => to > 0)
      .map(({ from, to }) => spelling.port(protocol as 6 | 17 | 132, { from: Math.max(from, 1), to }));
  });
}

function isEverything(matcher: PortMatcher): boolean {
  return (
    matcher.protocol === undefined && !('portName' in matcher) && (!('ports' in matcher) || matcher.ports === undefined)
  );
}
