/** All faulty runs. */
import * as cycleOfWaits from './cycle-of-waits.ts'
import * as failedVerification from './failed-verification.ts'
import type { PlantedFault } from './fault.ts'
import * as ignoredInput from './ignored-input.ts'
import * as noVerification from './no-verification.ts'
import * as peerDied from './peer-died.ts'
import * as pingPong from './ping-pong.ts'
import * as prematureEnd from './premature-end.ts'
import * as quotaStarvation from './quota-starvation.ts'
import * as repeatedSteps from './repeated-steps.ts'
import * as unawareOfTermination from './unaware-of-termination.ts'
import * as unclaimedTask from './unclaimed-task.ts'
import * as unheardInput from './unheard-input.ts'

export const plantedFaults: readonly PlantedFault[] = [
  ...[
    repeatedSteps,
    pingPong,
    unawareOfTermination,
    ignoredInput,
    unheardInput,
    noVerification,
    failedVerification,
  ],
  ...[prematureEnd, unclaimedTask, cycleOfWaits, peerDied, quotaStarvation],
].flatMap((faults): PlantedFault[] => Object.values(faults))
