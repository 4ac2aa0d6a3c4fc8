import { randomBytes } from 'node:crypto';
import type { JsonObject } from './decode/decoder.ts';

/**
 * The two ends of a flow are most of a Hubble record, and a pod's is the same text in every record. Where both have
 * been read before, only the rest is parsed, with marks in their place. The result is that of `JSON.parse`, except that
 * equal ends are one object.
 */
export function parseRecord(text: string): JsonObject | undefined {
  return (text.startsWith('{"flow":{') ? parseAroundEnds(text) : undefined) ?? parseWhole(text);
}

function parseWhole(text: string): JsonObject | undefined {
  try {
    return JSON.parse(text) as JsonObject;
  } catch {
    return undefined;
  }
}

const SOURCE = ',"source":{';
const DESTINATION = ',"destination":{';
const NEXT = ',"Type":';

/** Stand for the ends. Nobody outside can write them, so a mark that comes back stands where it was put. */
const nonce = randomBytes(6).toString('base64');
const SOURCE_MARK = `<${nonce}`;
const DESTINATION_MARK = `>${nonce}`;
const ENDS = `"${SOURCE_MARK}","destination":"${DESTINATION_MARK}"`;

/**
 * A comma before the quotation mark means that it is not escaped, so it opens a key or the text is no JSON at all. What
 * stands between two such places is an end exactly when it is a JSON object.
 */
function parseAroundEnds(text: string): JsonObject | undefined {
  const afterSource = text.indexOf(SOURCE);
  const afterDestination = afterSource < 0 ? -1 : text.indexOf(DESTINATION, afterSource);
  if (afterDestination < 0) return undefined;
  const source = afterSource + SOURCE.length - 1;
  const destination = afterDestination + DESTINATION.length - 1;
  const from = endAt(text, source, afterDestination);
  const to = endAt(text, destination, text.indexOf(NEXT, destination));
  if (from === undefined || to === undefined) return undefined;
  const rest = text.slice(destination + to.text.length);
  const parsed = parseWhole(`${text.slice(0, source)}${ENDS}${rest}`);
  const flow = parsed?.flow as { source?: unknown; destination?: unknown } | undefined;
  if (flow?.source !== SOURCE_MARK || flow.destination !== DESTINATION_MARK) return undefined;
  flow.source = from.value;
  flow.destination = to.value;
  return parsed;
}

interface KnownEnd {
  readonly text: string;
  readonly value: JsonObject;
}

/** Ends that are kept; beyond, the memory starts anew instead of growing. */
const LIMIT = 16_384;
/** Ends that share a key and are kept beside each other. */
const NAMESAKES = 4;
/** Enough for the names of pod and workload, which stand last. */
const KEY_LENGTH = 96;
/** Longer texts are no ends of flows. */
const LENGTH_LIMIT = 16_384;

const known = new Map<number, readonly KnownEnd[]>();

/** Every other character of the last ones, mixed: what tells ends apart, at a fraction of the cost of a hash of all. */
function keyOf(text: string, start: number, stop: number): number {
  let key = stop - start;
  for (let at = Math.max(start, stop - KEY_LENGTH); at < stop; at += 2)
    key = (Math.imul(key, 31) + text.charCodeAt(at)) | 0;
  return key;
}

/** The object from `start` to `stop`. */
function endAt(text: string, start: number, stop: number): KnownEnd | undefined {
  if (stop < start || stop - start > LENGTH_LIMIT) return undefined;
  const key = keyOf(text, start, stop);
  const wanted = text.slice(start, stop);
  const namesakes = known.get(key);
  if (namesakes !== undefined) for (const end of namesakes) if (end.text === wanted) return end;
  const value = parseWhole(wanted);
  if (value === undefined) return undefined;
  const end = { text: wanted, value };
  if (known.size >= LIMIT) known.clear();
  known.set(key, [end, ...(namesakes ?? []).slice(0, NAMESAKES - 1)]);
  return end;
}
