/** What this version can read of what lies on the bus: others may be newer, and anybody may write there. */
import { InvalidError } from '../../protocols/errors.ts'

/** What was read, or nothing: for `flatMap`. */
export function readable<Value>(read: () => Value): readonly Value[] {
  try {
    return [read()]
  } catch (error) {
    if (error instanceof InvalidError || error instanceof SyntaxError) return []
    throw error
  }
}
