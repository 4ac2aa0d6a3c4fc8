import type { EndpointMatcher, PolicyRule, PortMatcher, Side } from '../../model/policy.ts';
import { type PortRange, protocolName } from '../../model/ports.ts';
import type { Selector } from '../../model/selector.ts';

/** A rule in a few words: `from app=web in namespace shop, TCP 8080`. */
export function describeRule(rule: PolicyRule, side: Side): string {
  const peer = `${side === 'egress' ? 'to' : 'from'} ${describeMatcher(rule.peer)}`;
  const ports = rule.ports === undefined ? 'every port' : rule.ports.map(describePort).join(', ') || 'no port';
  return `${peer}, ${ports}`;
}

function describeMatcher(matcher: EndpointMatcher): string {
  switch (matcher.match) {
    case 'anything':
      return 'anyone';
    case 'nothing':
      return 'nobody';
    case 'all':
      return (
        matcher.of
          .map(describeMatcher)
          .filter((text) => text !== 'any pod')
          .join(' and ') || 'any pod'
      );
    case 'some':
      return matcher.of.map(describeMatcher).join(' or ') || 'nobody';
    case 'not':
      return `not (${describeMatcher(matcher.of)})`;
    case 'pod':
      return 'any pod';
    case 'labels':
      return describeSelector(matcher.selector) || 'any labels';
    case 'namespaceLabels':
      return `namespaces ${describeSelector(matcher.selector) || 'of any kind'}`;
    case 'cidr':
      return matcher.cidrs.join(' or ') + (matcher.except.length > 0 ? ` except ${matcher.except.join(', ')}` : '');
    default:
      return describeName(matcher);
  }
}

function describeName(matcher: EndpointMatcher): string {
  switch (matcher.match) {
    case 'namespaceName':
      return `namespace ${matcher.names.join(' or ')}`;
    case 'serviceAccount':
      return `service account ${matcher.names.join(' or ')}`;
    case 'serviceAccountLabels':
      return `service accounts ${describeSelector(matcher.selector)}`;
    case 'kind':
      return matcher.kinds.join(' or ');
    case 'dnsName':
    case 'principal':
      return matcher.patterns.join(' or ');
    case 'principalNamespace':
      return `mesh identities of namespace ${matcher.patterns.join(' or ')}`;
    case 'clusterName':
      return `cluster ${matcher.names.join(' or ')}`;
    case 'networkSet':
      return `network set ${matcher.names.join(' or ')}`;
    case 'ownNode':
      return 'the own node';
    case 'sameNamespaceLabels':
      return matcher.keys.length === 0 ? 'the same namespace' : `namespaces with the same ${matcher.keys.join(', ')}`;
    default:
      return matcher.match === 'undecidable' ? `peers that need ${matcher.missing}` : matcher.match;
  }
}

function describeSelector(selector: Selector): string {
  switch (selector.kind) {
    case 'and':
      return selector.of.map(describeSelector).join(',');
    case 'or':
      return selector.of.map(describeSelector).join(' or ');
    case 'not':
      return `!(${describeSelector(selector.of)})`;
    case 'has':
      return selector.key;
    case 'in':
      return selector.values.length === 1
        ? `${selector.key}=${selector.values[0]}`
        : `${selector.key} in (${selector.values.join(', ')})`;
    default:
      return `${selector.key} ${selector.kind} ${selector.value}`;
  }
}

function describePort(port: PortMatcher): string {
  const protocol = port.protocol === undefined ? 'any protocol' : protocolName(port.protocol);
  if ('portName' in port) return `${protocol} ${port.portName}`;
  if (!('ports' in port) || port.ports === undefined) return protocol;
  return `${protocol} ${port.ports.map(describeRange).join(', ')}`;
}

function describeRange({ from, to }: PortRange): string {
  return from === to ? String(from) : `${from}–${to}`;
}
