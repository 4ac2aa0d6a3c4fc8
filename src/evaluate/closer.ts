import { endpointName } from '../model/endpoint.ts';
import type { Side } from '../model/policy.ts';
import { protocolName } from '../model/ports.ts';
import type { Compiled } from './compile.ts';
import type { Ends } from './decide-side.ts';
import { type End, matchEndpoint, type Question } from './match-endpoint.ts';
import { matchRulePorts } from './match-port.ts';
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

export function closerLook(compiled: Compiled, side: Side, about: About): CloserLook {
  const client = clientEnd(about);
  const server = serverEnd(about);
  const [own, far] = side === 'egress' ? [client, server] : [server, client];
  const missing = new Set<string>();
  const { cells } = compiled;
  const { ipBlockMatchesPods } = compiled.profile;
  const near: Question = { end: own, other: far, ipBlockMatchesPods, cells, missing: undefined };
  const distant: Question = { end: far, other: own, ipBlockMatchesPods, cells, missing: undefined };
  const peer = ({ rule }: PlannedRule): Truth => {
    const truth = matchEndpoint(rule.peer, distant);
    return rule.self === undefined || truth === NO ? truth : both(truth, matchEndpoint(rule.self, near));
  };
  return {
    missing,
    peer,
    subject: (segment) => isolates(segment, { ...near, missing }),
    rule(planned, portTruth) {
      const selected = matchEndpoint(planned.policy.policy.subject, near);
      const ends = selected === NO ? NO : both(selected, peer(planned));
      const truth = ends === NO ? NO : both(both(ends, portTruth), beyond(planned, about));
      if (truth === MAYBE)
        noteMissing(planned, about, { near: { ...near, missing }, distant: { ...distant, missing } });
      return truth;
    },
  };
}

function isolates(segment: Segment, near: Question): Truth {
  return segment.selecting.reduce<Truth>(
    (truth, { policy }) => (policy.isolates ? either(truth, matchEndpoint(policy.policy.subject, near)) : truth),
    NO,
  );
}

export interface About {
  readonly traffic: Traffic;
  readonly ends: Ends;
}

/** Asks again what is open, for the names of the gaps. */
function noteMissing(
  planned: PlannedRule,
  about: About,
  { near, distant }: { readonly near: Question; readonly distant: Question },
): void {
  const { policy, rule, ports, notPorts } = planned;
  const missing = near.missing ?? new Set();
  matchEndpoint(policy.policy.subject, near);
  matchEndpoint(rule.peer, distant);
  if (rule.self !== undefined) matchEndpoint(rule.self, near);
  if ((ports || notPorts) && matchRulePorts({ ports, notPorts }, about.ends.ports) === MAYBE)
    missing.add(missingPort(about.traffic));
  if (matchSourcePorts(planned, about) === MAYBE) missing.add('source port');
  for (const condition of rule.conditions ?? []) missing.add(condition);
}

function clientEnd({ traffic, ends }: About): End {
  const { client, clientAddresses = [], clientPrincipal: principal } = traffic;
  return { facts: ends.client.facts, endpoint: client, addresses: clientAddresses, names: [], principal };
}

function serverEnd({ traffic, ends }: About): End {
  const { server, serverAddresses = [], serverNames = [], serverPrincipal: principal } = traffic;
  return { facts: ends.server.facts, endpoint: server, addresses: serverAddresses, names: serverNames, principal };
}

/** Source ports and conditions: what neither ends nor service port tell. */
function beyond(planned: PlannedRule, about: About): Truth {
  const source = matchSourcePorts(planned, about);
  return planned.rule.conditions?.length ? both(source, MAYBE) : source;
}

/** Names of source ports are those of the client's own container ports. */
function matchSourcePorts({ sourcePorts, notSourcePorts }: PlannedRule, { traffic, ends }: About): Truth {
  if (sourcePorts === undefined && notSourcePorts === undefined) return YES;
  const { facts } = ends.client;
  const namedPorts = facts.pod === NO ? [] : facts.namedPorts;
  const source = { ...ends.ports, port: traffic.clientPort ?? 0, namedPorts };
  return matchRulePorts({ ports: sourcePorts, notPorts: notSourcePorts }, source);
}

function missingPort({ protocol, port, server }: Traffic): string {
  if (protocol === 0) return 'protocol';
  if (protocol === 1 || protocol === 58) return `${protocolName(protocol)} type`;
  return port === 0 ? 'port' : `container port names of ${endpointName(server)}`;
}
