import { connectivityDot } from './connectivity-dot.ts';
import { connectivityJson } from './connectivity-json.ts';
import { pictureOf } from './connectivity-picture.ts';
import type { ConnectivityResult } from './connectivity-result.ts';
import { connectivitySvg } from './connectivity-svg.ts';
import { connectivityTable } from './connectivity-table.ts';

export type ConnectivityFormat = 'table' | 'json' | 'dot' | 'svg';

export const CONNECTIVITY_FORMATS: Readonly<
  Record<ConnectivityFormat, (result: ConnectivityResult, width: number | undefined) => Iterable<string>>
> = {
  table: connectivityTable,
  json: connectivityJson,
  dot: (result) => connectivityDot(pictureOf(result)),
  svg: (result) => connectivitySvg(pictureOf(result)),
};
