import type { PolicyPair } from '../../model/pair.ts';
import { type PairChange, portText } from './changes.ts';
import { counted, radiusText, unreadText, verdictLine, versionsText } from './changes-text.ts';
import { pairLink, plain } from './review-links.ts';
import { limited, type ReviewInput, section } from './review-sections.ts';

/** What became of pairs, of the isolation of workloads, and of the traffic that was observed. */
export function changeSections({ changes, learned, files }: ReviewInput): string[] {
  const pairs = new Map(learned.pairs.map((pair) => [pair.id, pair]));
  const line = (change: PairChange): string => {
    const pair = pairs.get(change.id);
    const name = pair ? pairLink(pair, files) : `**${change.function}**`;
    const told = change.change === 'new' && pair ? [pairText(pair)] : change.details;
    const more = told.length > 5 ? [`and ${told.length - 5} more`] : [];
    return `- ${name} ${versionsText(change).replace(/ \(.*$/, '')}${told.length > 0 ? `: ${[...told.slice(0, 5), ...more].map(plain).join('; ')}` : ''}`;
  };
  const of = (...kinds: PairChange['change'][]): string[] =>
    limited(changes.pairs.filter(({ change }) => kinds.includes(change)).map(line));
  const nothing =
    changes.again && changes.pairs.length === 0 ? ['No pair changed; evidence, labels or lists did.'] : [];
  return [
    section('New', of('new')),
    section('Changed', [...of('changed'), ...nothing]),
    section('No longer granted', of('rejected', 'gone')),
    ...(changes.again ? [isolationSection(changes)] : []),
    trafficSection(changes),
  ];
}

/** `TCP/8080; 1 server, 3 clients; 12 days`. */
function pairText({ ports, scope, service, client, evidence }: PolicyPair): string {
  const size = ({ members, outside }: PolicyPair['service']): number => members.length + outside.length;
  const ends = `${counted(size(service), 'server')}, ${counted(size(client), 'client')}`;
  const apart = scope ? `; in each of ${namespacesText(scope)} by itself` : '';
  return `${ports.map(portText).join(' ')}; ${ends}${apart}; seen on ${counted(evidence.days, 'day')}`;
}

const NAMED = 3;

function namespacesText(scope: readonly string[]): string {
  const rest = scope.length - NAMED;
  return scope.slice(0, NAMED).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

function isolationSection({ isolated, opened }: ReviewInput['changes']): string {
  const lines = [
    ...opened.map((end) => `- no longer: ${plain(end)}`),
    ...isolated.map((end) => `- from now on: ${plain(end)}`),
  ];
  return section('Isolated', limited(lines));
}

function trafficSection({ traffic, unread, again }: ReviewInput['changes']): string {
  if (unread !== undefined) return section('Observed traffic', [`${plain(unreadText(unread))}.`]);
  if (!traffic || traffic.edges.length === 0) return '';
  const than = again ? 'than by what stood here before' : 'than without policies';
  const lead = `${radiusText(traffic)} of the observed traffic are decided otherwise ${than}:`;
  const lines = traffic.edges.map((change) => `- ${plain(verdictLine(change))}`);
  return section('Observed traffic', limited(lines, '`microwall check`'), lead);
}
