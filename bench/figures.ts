import Table from 'cli-table3'
import { max, median, min, quantile } from 'simple-statistics'

/** One quantity with its measured values. */
export interface Figure {
  readonly name: string
  readonly unit: 's' | 'ms' | 'MB' | 'ratio' | 'count'
  readonly values: readonly number[]
}

/** Collects values of several figures over several runs. */
export class Figures {
  readonly #measured = new Map<string, { unit: Figure['unit']; values: number[] }>()

  add(name: string, unit: Figure['unit'], value: number): void {
    const known = this.#measured.get(name) ?? { unit, values: [] }
    known.values.push(value)
    this.#measured.set(name, known)
  }

  last(name: string): number {
    const value = this.#measured.get(name)?.values.at(-1)
    if (value === undefined) throw new Error(`"${name}" was not measured`)
    return value
  }

  all(): Figure[] {
    return [...this.#measured].map(([name, { unit, values }]) => ({ name, unit, values }))
  }
}

/** `{"name":"boot","unit":"s","median":11.2,"min":10.9,"max":12.0,"runs":3}` */
export function asLine({ name, unit, values }: Figure): string {
  return JSON.stringify({
    name,
    unit,
    median: round(median([...values])),
    min: round(min([...values])),
    max: round(max([...values])),
    p99: round(quantile([...values], 0.99)),
    runs: values.length,
  })
}

export function asTable(figures: readonly Figure[]): string {
  const table = new Table({
    head: ['figure', 'unit', 'median', 'min', 'max', 'p99', 'runs'],
    style: { head: [], border: [] },
  })
  for (const { name, unit, values } of figures) {
    const numbers = [median([...values]), min([...values]), max([...values]), quantile([...values], 0.99)].map(
      (value) => String(round(value)),
    )
    table.push([name, unit, ...numbers, String(values.length)])
  }
  return table.toString()
}

function round(value: number): number {
  return Number(value.toPrecision(3))
}
