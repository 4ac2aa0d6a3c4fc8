/** So many applications of one tier call the shared services: enough for labels to stand for all of them … */
const APPS = 96;
/** … of which so many belong to one team, which has a service of its own kind. */
const TEAM = 26;

/**
 * An application of the evaluation's own, in the shape of a ground-truth file: many clients share labels, and nearly all of
 * them call the same servers. Existing labels are generalised here, so that the bound on what this may grant is put to the
 * test: one application never fetches settings, and one of the team never sends traces, a function of the platform.
 */
export function applicationOfManyClients(): object {
  const apps = Array.from({ length: APPS }, (_, i) => `app-${String(i).padStart(2, '0')}`);
  const team = apps.slice(0, TEAM);
  const server = (name: string, port: number) => ({
    ...{ namespace: 'estate', name, kind: 'Deployment', labels: { app: name, tier: 'shared' } },
    ports: [{ port, protocol: 'TCP' }],
  });
  const call = (client: string, name: string, port: number) => [`estate/${client}`, `estate/${name}`, `TCP/${port}`];
  return {
    name: 'many-clients',
    workloads: [
      ...apps.map((name, i) => ({
        ...{ namespace: 'estate', name, kind: 'Deployment', ports: [] },
        labels: { app: name, tier: 'apps', team: i < TEAM ? 'payments' : 'storefront' },
      })),
      ...[server('settings', 8888), server('cache', 6379), server('traces', 4317)],
    ],
    serviceGraph: [
      ...[...team, ...apps.slice(-1)].map((name) => call(name, 'cache', 6379)),
      ...apps.slice(0, -1).map((name) => call(name, 'settings', 8888)),
      ...team.slice(0, -1).map((name) => call(name, 'traces', 4317)),
    ],
  };
}
