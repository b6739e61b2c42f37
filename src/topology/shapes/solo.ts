/** `solo`: one agent with everything, a mesh of one. A second peer of its role is a spare, and may be spoken to. */
import { z } from 'zod'

export { mesh as solo } from './mesh.ts'

export const soloSchema = z.strictObject({ kind: z.literal('solo') })
