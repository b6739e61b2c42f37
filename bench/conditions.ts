/** What the numbers were measured on: of another machine they say nothing. */
import { arch, cpus, platform } from 'node:os'

export type Conditions = {
  readonly cores: number
  readonly cpu: string
  readonly platform: string
  readonly node: string
  readonly natsServer: string
}

export const conditionsWith = (natsServer: string): Conditions => ({
  cores: cpus().length,
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  platform: `${platform()} ${arch()}`,
  node: process.versions.node,
  natsServer,
})
