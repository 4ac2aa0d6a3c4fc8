import type { ConnectivityEnd } from '../../evaluate/connectivity/connectivity.ts';
import { formatTable } from '../../util/table.ts';
import { type ConnectivityResult, endText, pairsOf, servicesText } from './result.ts';

/** One line per pair; a last column only where something hinges on what manifests do not tell. */
export function connectivityTable(result: ConnectivityResult, width?: number): string[] {
  const { ends, space, sets } = result;
  const rows: string[][] = [];
  for (const { from, to, outcome } of pairsOf(result)) {
    const { sure, possible } = sets.get(outcome);
    const open = sure.join() === possible.join() ? '' : servicesText(space.toJson(possible));
    const cells = [endText(ends[from] as ConnectivityEnd), endText(ends[to] as ConnectivityEnd)];
    rows.push([...cells, sure.length === 0 ? '–' : servicesText(space.toJson(sure)), open]);
  }
  const uncertain = rows.some((row) => row[3] !== '');
  const columns = ['source', 'destination', 'allowed', ...(uncertain ? ['at most'] : [])].map((title) => ({ title }));
  const shown = uncertain ? rows : rows.map((row) => row.slice(0, 3));
  return [formatTable(columns, shown, width)];
}
