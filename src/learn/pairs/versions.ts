import type { PolicyPair, PreviousPair, PreviousSide } from '../../model/pair.ts';
import { reaches, type Sides } from '../../model/pair-scope.ts';
import { endsOf } from '../earlier/match-pairs.ts';

/**
 * The next version of a pair: major when it grants less than before, minor when it grants more, patch when only its
 * words changed, and the same when nothing did. `words` is everything that is enforced, as one text.
 */
export function nextVersion(pair: PolicyPair, before: PreviousPair | undefined, words: string): string {
  if (!before) return '1.0.0';
  const [major = 1, minor = 0, patch = 0] = before.version.split('.').map(Number);
  const [less, more] = compareGrants(pair, before);
  if (less) return `${major + 1}.0.0`;
  if (more) return `${major}.${minor + 1}.0`;
  return words === before.words ? before.version : `${major}.${minor}.${patch + 1}`;
}

/** A pair grants every port of every server to every client that its scope lets there: its parts tell whether it grew. */
function compareGrants(now: PolicyPair, before: PreviousPair): [less: boolean, more: boolean] {
  const sets = [
    [grantees(now.service), grantees(before.service)],
    [grantees(now.client), grantees(before.client)],
    [portsOf(now), portsOf(before)],
    [namespacesOf(now), namespacesOf(before)],
  ] as const;
  const isPart = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean => [...a].every((element) => b.has(element));
  return [sets.some(([a, b]) => !isPart(b, a)), sets.some(([a, b]) => !isPart(a, b))];
}

function grantees(side: PreviousPair['service']): Set<string> {
  const found = endsOf(side);
  for (const peer of side.outside)
    if (peer.peer === 'addresses')
      for (const cidr of [...peer.cidrs, ...peer.except])
        found.add(`${peer.what} ${cidr}${peer.within === undefined ? '' : ` ${peer.within}`}`);
  return found;
}

/** From which namespace to which something is granted. */
function namespacesOf({ scope, service, client }: Sides<PreviousSide>): Set<string> {
  const [from, to] = [client, service].map(({ members }) => new Set(members.map(({ namespace }) => namespace)));
  const found = new Set<string>();
  for (const one of from ?? [])
    for (const other of to ?? []) if (reaches(scope, one, other)) found.add(`${one} ${other}`);
  return found;
}

function portsOf({ ports }: Pick<PreviousPair, 'ports'>): Set<string> {
  return new Set(ports.map(({ protocol, port }) => `${protocol}/${port}`));
}
