/**
 * The fields of one line of comma-separated values. A field may stand in single or double quotes, in which commas are
 * text; quotes inside a field without leading quote are text as well.
 */
export function splitCsv(line: string): readonly string[] {
  const fields: string[] = [];
  let at = 0;
  while (at <= line.length) {
    const quote = line[at];
    const closing = quote === "'" || quote === '"' ? line.indexOf(`${quote},`, at + 1) : -1;
    const lastQuoted = closing < 0 && (quote === "'" || quote === '"') && line.length > at + 1 && line.endsWith(quote);
    if (closing >= 0) {
      fields.push(line.slice(at + 1, closing));
      at = closing + 2;
    } else if (lastQuoted) {
      fields.push(line.slice(at + 1, -1));
      at = line.length + 1;
    } else {
      const comma = line.indexOf(',', at);
      const end = comma < 0 ? line.length : comma;
      fields.push(line.slice(at, end));
      at = end + 1;
    }
  }
  return fields;
}
