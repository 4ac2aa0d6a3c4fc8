import { endpointName } from '../model/endpoint.ts';
import type { Side } from '../model/policy.ts';
import { protocolName } from '../model/ports.ts';
import { type Compiled, classOf } from './compile.ts';
import { type End, matchEndpoint, type Question } from './match-endpoint.ts';
import { matchPorts, type PortFacts } from './match-port.ts';
import type { PlannedRule } from './plan.ts';
import type { Segment } from './subject-group.ts';
import type { Traffic } from './traffic.ts';
import { both, either, MAYBE, NO, type Truth, YES } from './truth.ts';
import type { Closer } from './walk.ts';

/** Looks at everything this traffic tells, and notes what else would have to be known. */
export interface CloserLook extends Closer {
  readonly missing: Set<string>;
  /** Whether the far end, and what the rule says of the near end, match. */
  peer(planned: PlannedRule): Truth;
}

export function closerLook(
  compiled: Compiled,
  side: Side,
  about: { readonly traffic: Traffic; readonly ports: PortFacts },
): CloserLook {
  const { traffic, ports } = about;
  const client = clientEnd(compiled, traffic);
  const server = serverEnd(compiled, traffic);
  const [own, far] = side === 'egress' ? [client, server] : [server, client];
  const missing = new Set<string>();
  const ask = (end: End, other: End, into: Set<string>): Question => ({
    end,
    other,
    ipBlockMatchesPods: compiled.profile.ipBlockMatchesPods,
    memo: compiled.memo,
    missing: into,
  });
  const subject = (segment: Segment): Truth =>
    segment.selecting.reduce<Truth>(
      (truth, { policy }) =>
        policy.isolates ? either(truth, matchEndpoint(policy.policy.subject, ask(own, far, missing))) : truth,
      NO,
    );
  const peer = ({ rule }: PlannedRule, into = new Set<string>()): Truth => {
    const truth = matchEndpoint(rule.peer, ask(far, own, into));
    return rule.self === undefined || truth === NO ? truth : both(truth, matchEndpoint(rule.self, ask(own, far, into)));
  };
  const rule = (planned: PlannedRule, portTruth: Truth): Truth => {
    const gaps = new Set<string>();
    const selected = matchEndpoint(planned.policy.policy.subject, ask(own, far, gaps));
    const ends = selected === NO ? NO : both(selected, peer(planned, gaps));
    const truth = ends === NO ? NO : both(both(ends, portTruth), beyond(planned, { traffic, ports, gaps }));
    if (truth !== MAYBE) return truth;
    if (portTruth === MAYBE) gaps.add(missingPort(traffic));
    for (const gap of gaps) missing.add(gap);
    return truth;
  };
  return { missing, subject, rule, peer: (planned) => peer(planned) };
}

function clientEnd(compiled: Compiled, traffic: Traffic): End {
  const { client, clientAddresses = [], clientPrincipal: principal } = traffic;
  return { facts: ownFacts(compiled, client), addresses: clientAddresses, names: [], principal };
}

function serverEnd(compiled: Compiled, traffic: Traffic): End {
  const { server, serverAddresses = [], serverNames = [], serverPrincipal: principal } = traffic;
  return { facts: ownFacts(compiled, server), addresses: serverAddresses, names: serverNames, principal };
}

/** Facts of the class with this very endpoint's name: what is missing is told about it, not about its class. */
function ownFacts(compiled: Compiled, endpoint: Traffic['client']): End['facts'] {
  return { ...classOf(compiled, endpoint).facts, endpoint };
}

/** Source ports and conditions: what neither ends nor service port tell. */
function beyond(
  { rule, sourcePorts }: PlannedRule,
  { traffic, ports, gaps }: { readonly traffic: Traffic; readonly ports: PortFacts; readonly gaps: Set<string> },
): Truth {
  const source = sourcePorts ? matchPorts(sourcePorts, { ...ports, port: traffic.clientPort ?? 0 }) : YES;
  if (source === MAYBE) gaps.add('source port');
  for (const condition of rule.conditions ?? []) gaps.add(condition);
  return rule.conditions?.length ? both(source, MAYBE) : source;
}

function missingPort({ protocol, port, server }: Traffic): string {
  if (protocol === 0) return 'protocol';
  if (protocol === 1 || protocol === 58) return `${protocolName(protocol)} type`;
  return port === 0 ? 'port' : `container port names of ${endpointName(server)}`;
}
