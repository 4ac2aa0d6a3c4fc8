import { readPolicies } from '../../../src/dialects/read.ts';
import { compile } from '../../../src/evaluate/compile/compile.ts';
import { decide } from '../../../src/evaluate/decide/decide.ts';
import type { EdgeEndpoint } from '../../../src/model/edge.ts';
import type { Finding } from '../../../src/model/finding.ts';
import { labelSet } from '../../../src/model/labels.ts';

/** How the reader took one mutant. `broken` says which promise it broke: a fault of ours. */
export interface Tried {
  readonly outcome: 'read' | 'refused' | 'empty' | 'broken';
  readonly detail: string;
  /** Processor time, because the machine may be busy with other things. */
  readonly cpuMs: number;
}

const FILE = 'mutant.yaml';

/** Reads one text and, where policies came of it, decides some traffic by them. */
export function tryMutant(text: string): Tried {
  const start = process.cpuUsage();
  const said = attempt(text);
  const { user, system } = process.cpuUsage(start);
  return { ...said, cpuMs: (user + system) / 1000 };
}

function attempt(text: string): Pick<Tried, 'outcome' | 'detail'> {
  try {
    const { policySet, findings, namespaces } = readPolicies([{ name: FILE, text }]);
    const lines = text.split(/\r\n|\n|\r/).length;
    const vague = findings.find((finding) => !isWhole(finding, lines));
    if (vague !== undefined) return { outcome: 'broken', detail: `a finding without place or reason: ${say(vague)}` };
    decide(compile(policySet, { workloads: [], namespaces }), PACKET);
    const [error] = findings.filter(({ severity }) => severity === 'error');
    if (error !== undefined) return { outcome: 'refused', detail: error.rule };
    if (policySet.policies.length > 0) return { outcome: 'read', detail: '' };
    const silent = findings.length === 0 && /^"?(apiVersion|kind)"?:/m.test(text) && !AUXILIARY.test(text);
    return silent ? { outcome: 'broken', detail: 'neither read nor refused' } : { outcome: 'empty', detail: '' };
  } catch (error) {
    return { outcome: 'broken', detail: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

/** Kinds of which no policy comes, and lists, which may have lost their items. */
const AUXILIARY =
  /\b(Namespace|NetworkSet|GlobalNetworkSet|Tier|CiliumCIDRGroup|Group|ClusterGroup|PeerAuthentication|List)\b/;

function isWhole({ rule, message, remedy, location }: Finding, lines: number): boolean {
  const placed = location.file === FILE && location.document >= 1 && location.line >= 1 && location.line <= lines + 1;
  return placed && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(rule) && message !== '' && remedy !== '';
}

function say({ rule, message, location }: Finding): string {
  return `${rule} at ${location.file}:${location.line} (document ${location.document}): ${message}`;
}

const PACKET = { client: pod('web'), server: pod('api'), protocol: 6, port: 80, serverAddresses: ['10.1.2.3'] };

function pod(app: string): EdgeEndpoint {
  const labels = labelSet(new Map([['app', app]]));
  const owner = { workload: app, workloadKind: 'Deployment', labels };
  return { cluster: 'fuzz', kind: 'pod', namespace: 'shop', ...owner, peer: '', address: '' };
}
