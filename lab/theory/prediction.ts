/** What theory says beside what was measured. */
import type { Prediction } from '../results.ts'

/** A prediction of a metric by a model, with its residual: measured less predicted, over predicted. */
export function prediction(model: string, value: number, measured: number): Prediction {
  return { model, value, residual: value === 0 ? null : (measured - value) / value }
}
