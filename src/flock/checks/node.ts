/** Whether this Node is one that skein runs on. */
import type { Check } from './finding.ts'

/** As `engines` in package.json. */
const OLDEST = [20, 19] as const

export const nodeCheck =
  (version: string = process.versions.node): Check =>
  async () => {
    const [major = 0, minor = 0] = version.split('.').map(Number)
    const fits = major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])
    const about = 'Node'
    if (fits) return { about, state: 'works', text: version }
    return { about, state: 'broken', text: version, advice: `install Node ${OLDEST.join('.')} or newer` }
  }
