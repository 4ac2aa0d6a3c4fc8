import type { Outcome } from '../graph.ts';

/** Where the two ends stand: on one node, on two, only one of them a pod, or none. */
export type Path = 'local' | 'remote' | 'out' | 'in' | 'host';

/** Which events are optional, by the knob that says how often they are reported. */
export type Occasion = 'always' | 'replies' | 'closes' | 'flips' | 'sometimes';

export type Flags = 'SYN' | 'SYN,ACK' | 'ACK' | 'FIN,ACK' | 'RST,ACK';

/** One event that an agent reports about a connection, with every part of its record that never changes. */
export interface Step {
  /** Microseconds after the opening. */
  readonly at: number;
  readonly occasion: Occasion;
  /** The node of which end reports it: `egress` the client's. */
  readonly side: 'egress' | 'ingress';
  /** The packet goes from server to client. */
  readonly reply: boolean;
  readonly flags: Flags;
  readonly verdictJson: string;
  readonly eventJson: string;
  readonly directionJson: string;
  readonly l7?: 'request' | 'response';
}

export interface StepsKey {
  readonly path: Path;
  readonly outcome: Outcome;
  /** Connections have an end that is reported; datagrams have none. */
  readonly closes: boolean;
  /** The side at which a proxy looks inside, if one does. */
  readonly proxied?: 'egress' | 'ingress';
}

const known = new Map<string, readonly Step[]>();

/** The events of one connection in order of time (cilium/cilium api/v1/flow/flow.proto; monitor aggregation medium). */
export function stepsOf(key: StepsKey): readonly Step[] {
  const text = `${key.path} ${key.outcome} ${key.closes} ${key.proxied}`;
  const found = known.get(text);
  if (found) return found;
  const steps = buildSteps(key).sort((a, b) => a.at - b.at);
  known.set(text, steps);
  return steps;
}

function buildSteps(key: StepsKey): Step[] {
  switch (key.outcome) {
    case 'denied-egress':
      return deniedAt('egress', 0);
    case 'denied-ingress':
      return [...departure(key), ...deniedAt('ingress', 300)];
    case 'unroutable':
      return [
        drop({ at: 10, side: key.path === 'in' ? 'ingress' : 'egress' }, { code: 151, name: 'STALE_OR_UNROUTABLE_IP' }),
      ];
    default:
      return [...departure(key), ...arrival(key), ...answer(key), ...application(key)];
  }
}

/** A dropped opening is reported twice, as verdict and as drop, and is tried again. */
function deniedAt(side: Step['side'], at: number): Step[] {
  return [0, 1_000_000, 3_000_000].flatMap((later, attempt) => {
    const occasion: Occasion = attempt === 0 ? 'always' : 'sometimes';
    return [
      { ...verdict({ at: at + later, side }, 'DROPPED'), occasion },
      { ...drop({ at: at + later + 15, side }, { code: 133, name: 'POLICY_DENIED' }), occasion },
    ];
  });
}

/** What the client's node reports of the opening packet. */
function departure({ path, outcome, proxied }: StepsKey): Step[] {
  if (path === 'in' || path === 'host') return [];
  const first = verdict({ at: 0, side: 'egress' }, verdictName(outcome, proxied === 'egress'));
  if (path === 'local') return [first];
  const point = path === 'remote' ? 'TO_OVERLAY' : 'TO_STACK';
  const left = trace({ at: 30, side: 'egress' }, { point, reason: 'NEW' });
  const onWire: Step = {
    ...trace({ at: 55, side: 'egress' }, { point: 'TO_NETWORK', reason: 'NEW' }),
    occasion: 'sometimes',
  };
  return path === 'out' ? [first, left, onWire] : [first, left];
}

/** What the server's node reports of it. Nodes themselves have no policy, hence no verdict. */
function arrival({ path, outcome, proxied }: StepsKey): Step[] {
  if (path === 'out') return [];
  if (path === 'host') return [trace({ at: 200, side: 'ingress' }, { point: 'TO_HOST', reason: 'NEW' })];
  const late = path === 'remote' ? 250 : 20;
  return [
    verdict({ at: late, side: 'ingress' }, verdictName(outcome, proxied === 'ingress')),
    trace({ at: late + 30, side: 'ingress' }, { point: 'TO_ENDPOINT', reason: 'NEW' }),
  ];
}

/** Replies, in packet order, and the end of the connection. */
function answer({ path, outcome, closes }: StepsKey): Step[] {
  const refused = outcome === 'refused';
  const back = { reply: true, flags: refused ? 'RST,ACK' : 'SYN,ACK', occasion: 'replies' } as const;
  const leaves = { local: undefined, remote: 'TO_OVERLAY', out: undefined, in: 'TO_STACK', host: 'TO_STACK' } as const;
  const point = leaves[path];
  const steps: Step[] = [];
  if (point) steps.push({ ...trace({ at: 420, side: 'ingress' }, { point, reason: 'REPLY' }), ...back });
  if (path === 'local' || path === 'remote' || path === 'out') {
    steps.push({ ...trace({ at: 650, side: 'egress' }, { point: 'TO_ENDPOINT', reason: 'REPLY' }), ...back });
    steps.push({ ...strayed({ at: 900, side: 'egress' }), occasion: 'flips' });
  }
  if (!closes || refused) return steps;
  const end = { flags: 'FIN,ACK', occasion: 'closes' } as const;
  if (path === 'remote')
    steps.push({ ...trace({ at: 40_000, side: 'egress' }, { point: 'TO_OVERLAY', reason: 'ESTABLISHED' }), ...end });
  if (path === 'out')
    steps.push({ ...trace({ at: 40_000, side: 'egress' }, { point: 'TO_STACK', reason: 'ESTABLISHED' }), ...end });
  else if (path !== 'host')
    steps.push({ ...trace({ at: 40_300, side: 'ingress' }, { point: 'TO_ENDPOINT', reason: 'ESTABLISHED' }), ...end });
  return steps;
}

/** Records of the proxy; the agent writes a response from server to client. */
function application({ proxied }: StepsKey): Step[] {
  if (!proxied) return [];
  const direction = `,"traffic_direction":"${proxied.toUpperCase()}"`;
  const common = { side: proxied, occasion: 'always', flags: 'ACK', verdictJson: '"FORWARDED"' } as const;
  return [
    {
      ...common,
      at: 1_200,
      reply: false,
      l7: 'request',
      eventJson: ',"event_type":{"type":129}',
      directionJson: `${direction},"is_reply":false`,
    },
    {
      ...common,
      at: 2_600,
      reply: true,
      l7: 'response',
      eventJson: ',"reply":true,"event_type":{"type":129}',
      directionJson: `${direction},"is_reply":true`,
    },
  ];
}

function verdictName(outcome: Outcome, proxied: boolean): string {
  if (outcome === 'audited') return 'AUDIT';
  return proxied ? 'REDIRECTED' : 'FORWARDED';
}

type Moment = Pick<Step, 'at' | 'side'>;

const SUB_TYPES = { TO_ENDPOINT: 0, TO_HOST: 2, TO_STACK: 3, TO_OVERLAY: 4, TO_NETWORK: 11 } as const;

function trace(moment: Moment, { point, reason }: { point: keyof typeof SUB_TYPES; reason: string }): Step {
  const reply = reason === 'REPLY';
  const sub = SUB_TYPES[point] === 0 ? '' : `,"sub_type":${SUB_TYPES[point]}`;
  return {
    ...moment,
    occasion: 'always',
    reply: false,
    flags: 'SYN',
    verdictJson: '"FORWARDED"',
    eventJson: `${reply ? ',"reply":true' : ''},"event_type":{"type":4${sub}}`,
    directionJson: `,"traffic_direction":"${moment.side.toUpperCase()}","trace_observation_point":"${point}","trace_reason":"${reason}","is_reply":${reply}`,
  };
}

/** A packet from server to client of which the agent does not know that it is a reply. */
function strayed(moment: Moment): Step {
  return {
    ...moment,
    occasion: 'flips',
    reply: true,
    flags: 'ACK',
    verdictJson: '"FORWARDED"',
    eventJson: ',"event_type":{"type":4}',
    directionJson: ',"trace_observation_point":"TO_ENDPOINT"',
  };
}

function verdict(moment: Moment, name: string): Step {
  const dropped = name === 'DROPPED';
  return {
    ...moment,
    occasion: 'always',
    reply: false,
    flags: 'SYN',
    verdictJson: dropped ? '"DROPPED","drop_reason":133' : `"${name}"`,
    eventJson: ',"event_type":{"type":5}',
    directionJson: `,"traffic_direction":"${moment.side.toUpperCase()}"${dropped ? ',"drop_reason_desc":"POLICY_DENIED"' : ',"policy_match_type":4'},"is_reply":false`,
  };
}

function drop(moment: Moment, { code, name }: { code: number; name: string }): Step {
  return {
    ...moment,
    occasion: 'always',
    reply: false,
    flags: 'SYN',
    verdictJson: `"DROPPED","drop_reason":${code}`,
    eventJson: `,"event_type":{"type":1,"sub_type":${code}}`,
    directionJson: `,"traffic_direction":"${moment.side.toUpperCase()}","drop_reason_desc":"${name}"`,
  };
}
