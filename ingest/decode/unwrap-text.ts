/** Text in front of a record, taken off, and the node it names. */
export interface Unprefixed {
  readonly text: string;
  readonly node: string;
  /** Only a part of a line that a container runtime split. */
  readonly partial: boolean;
}

const CRI = /^\d{4}-\d\d-\d\dT\S+ (?:stdout|stderr) ([FP])(?::\S*)? ?/;
/** RFC 5424: `<134>1 time host app proc id data message`. */
const SYSLOG =
  /^<\d{1,3}>\d{1,2} \S+ (\S+) \S+ \S+ \S+ (?:-|(?:\[(?:[^\]"\\]|\\.|"(?:[^"\\]|\\.)*")*\])+) ?(?:\uFEFF)?/;
/** RFC 3164: `<134>Nov  7 21:18:58 host tag[1]: message`, the priority missing in files. */
const OLD_SYSLOG = /^(?:<\d{1,3}>)?[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d (\S+) [^\s:[]+(?:\[[^\]]*\])?: ?/;
/** The lines of server-sent events that carry data. */
const EVENT_DATA = /^data: ?/;
const EVENT_FIELD = /^(?:event|id|retry):|^:/;

/** Takes prefixes of container runtimes, syslog and server-sent events off one line. */
export function unprefixed(line: string): Unprefixed {
  const bare = line.startsWith('\uFEFF') ? line.slice(1) : line;
  const cri = CRI.exec(bare);
  if (cri !== null) return { text: bare.slice(cri[0].length), node: '', partial: cri[1] === 'P' };
  const syslog = SYSLOG.exec(bare) ?? OLD_SYSLOG.exec(bare);
  if (syslog !== null) {
    const host = syslog[1] ?? '';
    return { text: bare.slice(syslog[0].length), node: host === '-' ? '' : host, partial: false };
  }
  if (EVENT_FIELD.test(bare)) return { text: '', node: '', partial: false };
  const data = EVENT_DATA.exec(bare);
  return { text: data === null ? bare : bare.slice(data[0].length), node: '', partial: false };
}
