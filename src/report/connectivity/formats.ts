import { connectivityDot } from './dot.ts';
import { connectivityJson } from './json.ts';
import { pictureOf } from './picture.ts';
import type { ConnectivityResult } from './result.ts';
import { connectivitySvg } from './svg.ts';
import { connectivityTable } from './table.ts';

export type ConnectivityFormat = 'table' | 'json' | 'dot' | 'svg';

export const CONNECTIVITY_FORMATS: Readonly<
  Record<ConnectivityFormat, (result: ConnectivityResult, width: number | undefined) => Iterable<string>>
> = {
  table: connectivityTable,
  json: connectivityJson,
  dot: (result) => connectivityDot(pictureOf(result)),
  svg: (result) => connectivitySvg(pictureOf(result)),
};
