/** What the script of a report is given to draw: plain data, the same on both sides of the page. */

/** A number on y, with the ends of its interval, and what is said where a pointer is near. */
export type Mark = {
  /** Into `ReportData.series`. */
  readonly series: number
  readonly x: number
  readonly y: number
  readonly low: number
  readonly high: number
  readonly says: string
}

export type Foretold = {
  readonly series: number
  readonly model: number
  readonly x: number
  readonly y: number
}

export type DrawnPanel = {
  readonly title: string
  readonly marks: readonly Mark[]
  readonly theory: readonly Foretold[]
}

export type Figure = {
  /** Of the element that it is drawn in. */
  readonly id: string
  readonly name: string
  /** The label of y, with its unit. */
  readonly y: string
  /** What its dashed lines are, by `Foretold.model`. */
  readonly models: readonly string[]
  readonly panels: readonly DrawnPanel[]
  /** Of residuals, which have a line at 0. */
  readonly isResidual: boolean
}

export type ReportData = {
  /** Lines of one topology have one colour. */
  readonly series: readonly { readonly name: string; readonly colour: number }[]
  readonly confidence: string
  readonly x: {
    readonly isNumber: boolean
    readonly isLog: boolean
    readonly label: string
    readonly values: readonly number[]
  }
  readonly figures: readonly Figure[]
}
