/**
 * What an experiment came to: its cells, each a topology, a placement, a size and what else was varied, with what was
 * measured over all seeds, and beside it what theory says. The report, the CSV and the JSON are views of this.
 */

/** What a run is measured by. `METRICS` says what each is. */
export type MetricName = string

export type Metric = {
  /** For people: `makespan`, `messages per task`. */
  readonly label: string
  /** `s`, `tasks/s`, `tokens`, `1` for a share or a ratio. */
  readonly unit: string
  readonly better: 'less' | 'more' | null
  /** How it is computed, and where that definition comes from. */
  readonly definition: string
  /** Another one that mostly tells the same: a report tells of that first. */
  readonly follows?: MetricName
}

/** One run of a cell. */
export type Sample = {
  readonly cell: string
  readonly seed: number
  /** How the run ended. */
  readonly outcome: string
  readonly metrics: Readonly<Record<MetricName, number>>
}

/** The mean over the seeds, with the ends of its confidence interval. */
export type Estimate = {
  readonly mean: number
  readonly low: number
  readonly high: number
  /** Runs that it was computed of. */
  readonly count: number
}

/** What theory says of a metric in a cell. */
export type Prediction = {
  /** `closed queue (MVA)`, `M/G/1`. */
  readonly model: string
  readonly value: number
  /** Measured less predicted, over predicted. Null where nothing was predicted but 0. */
  readonly residual: number | null
}

export type Cell = {
  /** Unique in the experiment, and the same when it is repeated. */
  readonly id: string
  readonly topology: string
  readonly placement: string
  /** Peers that work, without the hub. */
  readonly size: number
  /** Faults that struck: `none`, `hub`, `leaf`. */
  readonly faults: string
  /** What else was varied, by its path in the experiment: `job.hub.mean`. */
  readonly varied: Readonly<Record<string, number | string>>
}

/** What is said of a parameter that was varied. */
export type Parameter = {
  /** For people: `service time of the hub`. */
  readonly label: string
  /** As of a metric: `s`, `tokens`, `1`. */
  readonly unit: string
}

export type CellResult = Cell & {
  readonly estimates: Readonly<Record<MetricName, Estimate>>
  readonly predictions: Readonly<Record<MetricName, readonly Prediction[]>>
  /** Runs by how they ended. */
  readonly outcomes: Readonly<Record<string, number>>
}

export type Results = {
  readonly format: 1
  readonly name: string
  readonly description: string
  /** The experiment as it was read, with all defaults. */
  readonly experiment: unknown
  readonly seeds: readonly number[]
  /** Of the intervals: 0.95. */
  readonly confidence: number
  readonly metrics: Readonly<Record<MetricName, Metric>>
  /** Of what was varied, by its path. Who is not here goes by its path, without a unit. */
  readonly parameters?: Readonly<Record<string, Parameter>>
  readonly cells: readonly CellResult[]
  /** What the report says in words: what was left out, and why. */
  readonly notes: readonly string[]
}
