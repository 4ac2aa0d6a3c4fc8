import type { ProfileName } from '../../src/dialects/profiles.ts';
import type { Intent, IntentRule, Peer } from './replay-intent.ts';

type Render = (intent: Intent) => object;

/** The same intent as each product's users would write it. */
export const RENDERERS: Readonly<Record<ProfileName, Render>> = { kubernetes, calico, cilium, antrea, istio };

const equal = (key: string, value: string) => ({ matchLabels: { [key]: value } });
const everyone = {};

function selectorOf({ subject }: Intent): object {
  return subject === undefined ? everyone : equal(...subject);
}

function kubernetes(intent: Intent): object {
  const rule = (of: 'from' | 'to') => (one: IntentRule) => ({ [of]: [kubernetesPeer(one.peer)], ...tcp(one) });
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: intent.name, namespace: intent.namespace },
    spec: {
      podSelector: selectorOf(intent),
      policyTypes: ['Ingress', ...(intent.egress ? ['Egress'] : [])],
      ingress: intent.ingress.map(rule('from')),
      ...(intent.egress && { egress: intent.egress.map(rule('to')) }),
    },
  };
}

function tcp({ port }: IntentRule): object {
  return port === undefined ? {} : { ports: [{ protocol: 'TCP', port }] };
}

function kubernetesPeer(peer: Peer): object {
  if (peer.of === 'block') return { ipBlock: { cidr: peer.cidr, ...(peer.except.length && { except: peer.except }) } };
  if (peer.of === 'zone') return { namespaceSelector: equal('zone', peer.value) };
  const podSelector = equal(peer.of, peer.value);
  return peer.of === 'tier' ? { podSelector } : { namespaceSelector: everyone, podSelector };
}

function calico(intent: Intent): object {
  const rule = (end: 'source' | 'destination') => (one: IntentRule) => {
    const ports = one.port === undefined ? {} : { ports: [one.port] };
    const [source, destination] =
      end === 'source' ? [calicoPeer(one.peer), ports] : [{}, { ...calicoPeer(one.peer), ...ports }];
    return { action: one.deny ? 'Deny' : 'Allow', protocol: 'TCP', source, destination };
  };
  return {
    apiVersion: 'projectcalico.org/v3',
    kind: 'NetworkPolicy',
    metadata: { name: intent.name, namespace: intent.namespace },
    spec: {
      order: intent.number % 50,
      selector: intent.subject === undefined ? 'all()' : `${intent.subject[0]} == '${intent.subject[1]}'`,
      types: ['Ingress', ...(intent.egress ? ['Egress'] : [])],
      ingress: intent.ingress.map(rule('source')),
      ...(intent.egress && { egress: intent.egress.map(rule('destination')) }),
    },
  };
}

function calicoPeer(peer: Peer): object {
  if (peer.of === 'block') return { nets: [peer.cidr], ...(peer.except.length && { notNets: peer.except }) };
  if (peer.of === 'zone') return { namespaceSelector: `zone == '${peer.value}'` };
  const selector = `${peer.of} == '${peer.value}'`;
  return peer.of === 'tier' ? { selector } : { selector, namespaceSelector: 'all()' };
}

function cilium(intent: Intent): object {
  const rules = (list: readonly IntentRule[], of: 'from' | 'to', deny: boolean) =>
    list
      .filter((one) => one.deny === deny)
      .map((one) => ({
        ...ciliumPeer(one.peer, of),
        ...(one.port !== undefined && { toPorts: [{ ports: [{ port: String(one.port), protocol: 'TCP' }] }] }),
      }));
  return {
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumNetworkPolicy',
    metadata: { name: intent.name, namespace: intent.namespace },
    spec: {
      endpointSelector: selectorOf(intent),
      ingress: rules(intent.ingress, 'from', false),
      ingressDeny: rules(intent.ingress, 'from', true),
      ...(intent.egress && {
        egress: rules(intent.egress, 'to', false),
        egressDeny: rules(intent.egress, 'to', true),
      }),
    },
  };
}

function ciliumPeer(peer: Peer, of: 'from' | 'to'): object {
  if (peer.of === 'block')
    return { [`${of}CIDRSet`]: [{ cidr: peer.cidr, ...(peer.except.length && { except: peer.except }) }] };
  const anywhere = { key: 'k8s:io.kubernetes.pod.namespace', operator: 'Exists' };
  if (peer.of === 'zone') return { [`${of}Endpoints`]: [equal('k8s:io.cilium.k8s.namespace.labels.zone', peer.value)] };
  const labels = equal(peer.of, peer.value);
  return { [`${of}Endpoints`]: [peer.of === 'tier' ? labels : { ...labels, matchExpressions: [anywhere] }] };
}

function antrea(intent: Intent): object {
  const rule = (of: 'from' | 'to') => (one: IntentRule, index: number) => ({
    name: `${of}-${index}`,
    action: one.deny ? 'Drop' : 'Allow',
    [of]: [antreaPeer(one.peer)],
    ...tcp(one),
  });
  const last = (of: string) => ({ name: `${of}-rest`, action: 'Drop' });
  return {
    apiVersion: 'crd.antrea.io/v1beta1',
    kind: 'NetworkPolicy',
    metadata: { name: intent.name, namespace: intent.namespace },
    spec: {
      priority: 1 + (intent.number % 50),
      tier: intent.number % 3 === 0 ? 'platform' : 'application',
      appliedTo: [{ podSelector: selectorOf(intent) }],
      ingress: [...intent.ingress.map(rule('from')), last('from')],
      ...(intent.egress && { egress: [...intent.egress.map(rule('to')), last('to')] }),
    },
  };
}

function antreaPeer(peer: Peer): object {
  return peer.of === 'block' ? { ipBlock: { cidr: peer.cidr } } : kubernetesPeer(peer);
}

/** Only what a mesh can say: identities by namespace and addresses, at the server. */
function istio(intent: Intent): object {
  return {
    apiVersion: 'security.istio.io/v1',
    kind: 'AuthorizationPolicy',
    metadata: { name: intent.name, namespace: intent.namespace },
    spec: {
      ...(intent.subject && { selector: equal(...intent.subject) }),
      action: 'ALLOW',
      rules: intent.ingress.map(({ peer, port }) => ({
        from: [{ source: peer.of === 'block' ? { ipBlocks: [peer.cidr] } : { namespaces: [intent.namespace] } }],
        ...(port !== undefined && { to: [{ operation: { ports: [String(port)] } }] }),
      })),
    },
  };
}
