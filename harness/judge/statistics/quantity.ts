const multiples: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
}

/** Reads a quantity of Kubernetes (`500m`, `64Mi`, `1e3`) as a number; NaN for other text. */
export function quantity(text: string): number {
  const [, digits = '', unit = ''] = /^([+-]?[\d.]+(?:[eE][+-]?\d+)?)([A-Za-z]*)$/.exec(text) ?? []
  const multiple = unit === '' ? 1 : (multiples[unit] ?? NaN)
  return digits === '' ? NaN : Number(digits) * multiple
}
