/** The supervisor: holds the plan of a run that is wired to a hub, hands every task out and reads every result. */
import { review } from '../../protocols/review.ts'
import { run } from '../../protocols/run.ts'
import { supervision } from '../../protocols/supervision.ts'
import { task } from '../../protocols/task.ts'
import { defineRole } from '../../src/role/define.ts'
import { HUB } from '../../src/topology/wiring.ts'
import { SUPERVISOR_INSTRUCTIONS } from './instructions.ts'
import { supervisorMachine } from './machine.ts'
import { ordersAnswer } from './orders.ts'
import { superviseOffline } from './policy.ts'

export const supervisor = defineRole({
  name: HUB.role,
  description: 'Holds the plan, hands out every task and reads every result',
  instructions: SUPERVISOR_INSTRUCTIONS,
  accepts: [
    supervision.messages.plan,
    task.messages.result,
    review.messages.revise,
    review.messages.approve,
    run.messages.result,
  ],
  answers: [run.messages.result],
  sends: [
    task.messages.request,
    task.messages.result,
    review.messages.request,
    review.messages.revise,
    review.messages.approve,
  ],
  modelAnswers: [ordersAnswer],
  machine: supervisorMachine,
  policy: superviseOffline,
})
