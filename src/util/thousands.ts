/** A whole number for people, the same in every locale: 12345 → `12,345`. */
export function thousands(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}
