import type { Endpoint } from '../../src/model/endpoint.ts';
import type { EndpointKind } from '../../src/model/enums.ts';
import type { Flow } from '../../src/model/flow.ts';
import { type LabelInterner, type LabelSet, UNKNOWN_LABELS } from '../../src/model/labels.ts';
import { address } from './address.ts';
import { kindOfAddress } from './address-kind.ts';
import type { JsonObject } from './decoder.ts';
import { endpoint } from './draft.ts';
import { count, port, present, text } from './fields.ts';
import { internLabels } from './label-hygiene.ts';
import type { SliceFlags } from './netobserv-flags.ts';
import { type Opener, openerByKind, openerByPorts, UNKNOWN_OPENER } from './orientation.ts';
import { isIcmp, protocolNumber } from './protocol.ts';

type End = 'Src' | 'Dst';

const KINDS: Readonly<Record<string, EndpointKind>> = { Pod: 'pod', Service: 'service', Node: 'host' };

/** `SrcK8S_labels_<key>`: only where the pipeline was told to add labels, which the operator does not expose. */
function labelsOf(record: JsonObject, end: End, interner: LabelInterner): LabelSet {
  const prefix = `${end}K8S_labels_`;
  const keys = Object.keys(record).filter((key) => key.startsWith(prefix));
  if (keys.length === 0) return UNKNOWN_LABELS;
  return internLabels(
    keys.map((key): [string, string] => [key.slice(prefix.length), text(record[key])]),
    interner,
  );
}

function endpointOf(record: JsonObject, end: End, interner: LabelInterner): Endpoint {
  const told = (field: string): string => present(record[`${end}K8S_${field}`]);
  const peer = present(record[`${end}SubnetLabel`]);
  const kind = KINDS[told('Type')];
  const name = told('Name');
  if (kind === 'host') return endpoint({ kind, peer: name });
  if (kind === 'service') return endpoint({ kind, namespace: told('Namespace'), peer: name });
  if (kind === undefined && name === '') return endpoint({ kind: kindOfAddress(address(record[`${end}Addr`])), peer });
  return endpoint({
    kind: kind ?? 'unknown',
    namespace: told('Namespace'),
    workload: told('OwnerName') || name,
    workloadKind: told('OwnerType'),
    pod: kind === 'pod' ? name : '',
    labels: labelsOf(record, end, interner),
  });
}

/** One end of a slice: who, where, and the Service it was addressed as. */
interface Side {
  readonly who: Endpoint;
  readonly address: string;
  readonly port: number;
  readonly service: Pick<Flow, 'serviceNamespace' | 'serviceName' | 'servicePort'> | undefined;
}

/**
 * The serving end. Conntrack's translation shows the pod behind a Service; who the pod is the record does not say (its
 * names are the Service's), so the inventory has to tell.
 */
function serving(record: JsonObject, end: End, interner: LabelInterner): Side {
  const asked = asking(record, end, interner);
  if (asked.who.kind !== 'service') return asked;
  const { namespace: serviceNamespace, peer: serviceName } = asked.who;
  const service = { serviceNamespace, serviceName, servicePort: asked.port };
  const backend = address(record[`Xlat${end}Addr`]);
  if (backend === '' || backend === asked.address) return { ...asked, service };
  const backendPort = port(record[`Xlat${end}Port`]) || asked.port;
  return { who: endpoint({ kind: kindOfAddress(backend) }), address: backend, port: backendPort, service };
}

/** The end as the packet names it. */
function asking(record: JsonObject, end: End, interner: LabelInterner): Side {
  const icmp = isIcmp(protocolNumber(record.Proto));
  return {
    who: endpointOf(record, end, interner),
    address: address(record[`${end}Addr`]),
    port: icmp ? 0 : port(record[`${end}Port`]),
    service: undefined,
  };
}

/** Who opened the connection of a slice: by flags, else by ports or ICMP type. */
export function openerOf(record: JsonObject, protocol: number, flags: SliceFlags): Opener {
  if (flags.opener !== undefined) return flags.opener;
  const ports = isIcmp(protocol) ? undefined : openerByPorts(port(record.SrcPort), port(record.DstPort));
  return ports ?? openerByKind(protocol, count(record.IcmpType)) ?? UNKNOWN_OPENER;
}

/** Both ends in packet order, the serving one translated. */
export function ends(record: JsonObject, opener: Opener, interner: LabelInterner) {
  const forward = opener.order === 'forward';
  const source = forward ? asking(record, 'Src', interner) : serving(record, 'Src', interner);
  const target = forward ? serving(record, 'Dst', interner) : asking(record, 'Dst', interner);
  return {
    client: source.who,
    clientAddress: source.address,
    clientPort: source.port,
    server: target.who,
    serverAddress: target.address,
    serverPort: target.port,
    ...(source.service ?? target.service),
  };
}
