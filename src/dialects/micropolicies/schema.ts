import { z } from 'zod';
import { OUTPUT_DIALECTS } from './form.ts';

/** What `micropolicies.yaml` must look like to be taken over; everything else in it is written anew by every run. */

/** Longest name that leaves room for `-service` and a number in a label name. */
const LONGEST_NAME = 48;

const workload = z.string('must be namespace/Kind/name').regex(/^[^/]+\/[^/]*\/[^/]*$/, 'must be namespace/Kind/name');
const text = z.string('must be text');
const version = z.string('must be text like 1.2.0').regex(/^\d+\.\d+\.\d+$/, 'must be like 1.2.0');
const time = z.iso.datetime('must be a time like 2024-10-04T00:00:00.000Z');
const count = z.number('must be a number').min(0);
const flag = z.boolean('must be true or false');
const port = z.int('must be a port number').min(0, 'must be a port number').max(65_535, 'must be at most 65535');
const protocol = z
  .union([z.string(), z.int()], 'must be TCP, UDP, SCTP or a protocol number')
  .transform(String)
  .refine((name) => /^(TCP|UDP|SCTP|ICMP|ICMPv6|IGMP|GRE|ESP|AH|VRRP|UDPLite|\d{1,3})$/.test(name), {
    message: 'must be TCP, UDP, SCTP or a protocol number',
  });
const cidr = z.union([z.cidrv4(), z.cidrv6()], 'must be an address block like 10.0.0.0/8');
const functionName = text
  .max(LONGEST_NAME, `must have at most ${LONGEST_NAME} characters`)
  .regex(/^[a-z]([-a-z0-9]*[a-z0-9])?$/, 'must be lower case letters, digits and dashes, beginning with a letter')
  .refine((name) => name !== 'default-deny', { message: 'is the name of the default deny' });

/** What a person says about a decision. */
const details = { reason: text.optional(), by: text.optional(), decidedVersion: version.optional() };
const decision = z.enum(['approved', 'rejected'], 'must be approved or rejected');

const pairPort = z.strictObject({ protocol, port, implied: flag.optional() });

const outsidePeer = z.strictObject({
  what: text,
  members: z.array(workload).optional(),
  namespace: text.optional(),
  podSelector: z.unknown().optional(),
  kind: text.optional(),
  cidrs: z.array(cidr).optional(),
  except: z.array(cidr).optional(),
  within: text.optional(),
});

const side = z.strictObject({
  members: z.array(workload, 'must be a list of workloads'),
  selectors: z.unknown().optional(),
  indistinguishableIn: z.unknown().optional(),
  beyond: z.array(workload).optional(),
  outside: z.array(outsidePeer).optional(),
});

const unusedGrant = z.strictObject({
  id: text.optional(),
  client: text,
  server: text,
  protocol,
  port,
  lastSeen: time.optional(),
  expired: flag.optional(),
  remove: flag.optional(),
  keep: flag.optional(),
});

const scopePart = z.strictObject({ namespace: text, evidence: z.unknown().optional() });

const pair = z.strictObject({
  id: text.regex(/^[0-9a-f]{12}$/, 'must be the 12 hex digits that `learn` gave'),
  version,
  function: functionName,
  label: z.unknown().optional(),
  kind: z.unknown().optional(),
  scope: z.array(scopePart, 'must be a list of namespaces').optional(),
  ports: z.array(pairPort, 'must be a list of ports').min(1, 'must name a port'),
  service: side,
  client: side,
  evidence: z.looseObject({ days: count.optional(), firstSeen: time.optional(), lastSeen: time.optional() }).optional(),
  overGrant: z.unknown().optional(),
  readiness: z.unknown().optional(),
  reviews: z.unknown().optional(),
  unused: z.array(unusedGrant).optional(),
  decision: decision.optional(),
  ...details,
  note: text.optional(),
});

const decidedLink = z.strictObject({
  id: text.optional(),
  client: text,
  server: text,
  protocol,
  port,
  decision,
  ...details,
});

const isolatedSide = z.looseObject({ members: z.array(workload, 'must be a list of workloads') }).optional();

const output = z.strictObject({
  dialect: z.enum(OUTPUT_DIALECTS, `must be one of ${OUTPUT_DIALECTS.join(', ')}`),
  staged: flag.optional(),
  scope: z.enum(['namespace', 'global'], 'must be namespace or global').optional(),
  tier: text.optional(),
});

/** The document as a whole. */
export const MICROPOLICIES = z.looseObject({
  apiVersion: z.literal('microwall/v1alpha1', 'must be microwall/v1alpha1'),
  kind: z.literal('Micropolicies', 'must be Micropolicies'),
  output: output.optional(),
  pairs: z.array(pair, 'must be a list of pairs'),
  rejected: z.array(pair, 'must be a list of pairs').optional(),
  links: z.array(decidedLink, 'must be a list of links').optional(),
  defaultDeny: z.looseObject({ ingress: isolatedSide, egress: isolatedSide }).optional(),
});

export type MicropoliciesFields = z.output<typeof MICROPOLICIES>;
export type PairFields = z.output<typeof pair>;
