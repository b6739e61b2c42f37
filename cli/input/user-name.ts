/** Who sits at this command line, as the operating system has it. */
import { userInfo } from 'node:os'

/** For people. */
export function userName(): string {
  try {
    return userInfo().username
  } catch {
    return 'somebody'
  }
}
