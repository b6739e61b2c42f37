/** Attributes as OpenTelemetry's SDK takes them: its lists may be changed, so it gets lists of its own. */
import type { AttributeValue } from './span.ts'

type SdkValue = string | number | boolean | string[]

export const attributesOf = (
  attributes: Readonly<Record<string, AttributeValue>> = {},
): Record<string, SdkValue> =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, typeof value === 'object' ? [...value] : value]),
  )
