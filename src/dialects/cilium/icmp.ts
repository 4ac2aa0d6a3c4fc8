import type { PortMatcher } from '../../model/policy.ts';
import { converted, integer, list, object, oneOf, type Read, required } from '../document/fields.ts';

/** Names of ICMP types as the agent knows them (cilium/cilium pkg/policy/api/icmp.go), by family. */
const V4: Readonly<Record<string, number>> = {
  EchoReply: 0,
  DestinationUnreachable: 3,
  Redirect: 5,
  Echo: 8,
  EchoRequest: 8,
  RouterAdvertisement: 9,
  RouterSelection: 10,
  TimeExceeded: 11,
  ParameterProblem: 12,
  Timestamp: 13,
  TimestampReply: 14,
  Photuris: 40,
  ExtendedEcho: 42,
  ExtendedEchoReply: 43,
};
const V6: Readonly<Record<string, number>> = {
  DestinationUnreachable: 1,
  PacketTooBig: 2,
  TimeExceeded: 3,
  ParameterProblem: 4,
  EchoRequest: 128,
  EchoReply: 129,
  MulticastListenerQuery: 130,
  MulticastListenerReport: 131,
  MulticastListenerDone: 132,
  RouterSolicitation: 133,
  RouterAdvertisement: 134,
  NeighborSolicitation: 135,
  NeighborAdvertisement: 136,
  RedirectMessage: 137,
  RouterRenumbering: 138,
  ICMPNodeInformationQuery: 139,
  ICMPNodeInformationResponse: 140,
  InverseNeighborDiscoverySolicitation: 141,
  InverseNeighborDiscoveryAdvertisement: 142,
  HomeAgentAddressDiscoveryRequest: 144,
  HomeAgentAddressDiscoveryReply: 145,
  MobilePrefixSolicitation: 146,
  MobilePrefixAdvertisement: 147,
  DuplicateAddressRequestCodeSuffix: 157,
  DuplicateAddressConfirmationCodeSuffix: 158,
  ExtendedEchoRequest: 160,
  ExtendedEchoReply: 161,
};
const NAMES = [...new Set([...Object.keys(V4), ...Object.keys(V6)])];

const fields = object({
  family: oneOf('IPv4', 'IPv6'),
  type: required((field) => (typeof field.value === 'string' ? oneOf(...NAMES)(field) : integer(0, 255)(field))),
});

const icmpField: Read<PortMatcher> = converted(fields, ({ family = 'IPv4', type }, field) => {
  const protocol = family === 'IPv4' ? 1 : 58;
  const names = family === 'IPv4' ? V4 : V6;
  if (typeof type === 'number') return { protocol, icmpType: type };
  const number = names[type];
  if (number !== undefined) return { protocol, icmpType: number };
  oneOf(...Object.keys(names))({ ...field, value: type, path: [...field.path, 'type'] });
  return undefined;
});

/** X24: an item of `icmps`; the only way to name ICMP. */
export const icmpRule: Read<readonly PortMatcher[]> = converted(
  object({ fields: list(icmpField, 40) }),
  ({ fields: given = [] }) => given,
);
