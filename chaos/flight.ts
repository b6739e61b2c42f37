/**
 * A flight: servers, a crew, and the example job while things are killed. Every flight has a folder and servers of
 * its own, so that none knows of another.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { runId } from '../protocols/ids.ts'
import { silentLog } from '../src/log.ts'
import { OFFLINE_MODEL } from '../src/model/offline.ts'
import { holdOrigin } from '../src/run/start-run.ts'
import { createChildren } from './children.ts'
import { type Crew, createCrew } from './crew.ts'
import { MODEL, openEndpoint } from './endpoint.ts'
import { type Flown, flyRun } from './flown.ts'
import { inquest, type Result } from './inquest.ts'
import { openNet } from './net.ts'
import type { Plan } from './plan.ts'
import type { Stage } from './stage.ts'
import type { Storm } from './storm.ts'
import { copyOf } from './workspace.ts'

/** With spares of each role beside what a run asks for, so that somebody is there to adopt. */
const PLACES = { planner: 2, researcher: 3, coder: 3, reviewer: 2 }
/** Runs in a row, until enough was killed. */
const RUNS_LIMIT = 3
/** How long what a run leaves may take to be dealt with, in bounds of adoption. */
const PATIENCE = 4

export async function fly(base: Omit<Stage, 'children'>, plan: Plan): Promise<Result> {
  const folder = join(base.folder, plan.name)
  await mkdir(join(folder, 'tmp'), { recursive: true })
  const children = createChildren(folder)
  try {
    return await flyWith({ ...base, folder, children, random: base.random.fork(plan.name) }, plan)
  } finally {
    await children.end()
  }
}

async function flyWith(stage: Stage, plan: Plan): Promise<Result> {
  const { folder, random, clock } = stage
  const endpoint = plan.hasEndpoint ? await openEndpoint(stage, random.fork('latency')) : undefined
  const net = await openNet(stage, plan)
  const { leases } = net.bus
  // A run of nothing: while it is announced, peers stay between one run and the next.
  const announced = await holdOrigin(runId('chaos'), { leases, clock, log: silentLog })
  const model = endpoint === undefined ? OFFLINE_MODEL : MODEL
  const env = { ...net.env, ...endpoint?.env }
  const shared = { env, model, stateDir: join(folder, '.skein') }
  const crew = await createCrew(stage, { ...shared, places: PLACES, random: random.fork('crew') })
  const patienceMs = PATIENCE * plan.adoptionS * 1_000
  const flown: Flown[] = []
  try {
    do {
      const name = `run-${flown.length + 1}`
      const workspace = await copyOf(plan.workspace, join(folder, name))
      const run = await flyRun({
        ...{ stage, net, crew, patienceMs, random: random.fork(name) },
        job: {
          ...{ ...shared, name, workspace, cwd: folder, clock, say: stage.say },
          starterDiesAfterMs:
            flown.length > 0 || plan.starterDiesWithinMs === undefined
              ? undefined
              : Math.floor(plan.starterDiesWithinMs * random.fork('starter').next()),
        },
        storm: restOf(plan.storm, crew),
        serverHits: flown.length === 0 ? plan.serverHits : [],
      })
      flown.push(run)
    } while (flown.length < RUNS_LIMIT && isShort(plan.storm, crew))
    return await inquest({ plan, flown, crew, net, patienceMs, requests: endpoint?.requests() }, stage)
  } finally {
    await crew.end()
    await announced.release().catch(() => {}) // its server may be gone
    await net.close()
    await endpoint?.close()
  }
}

/** What is still to come of it. */
const restOf = (storm: Storm, crew: Crew): Storm => ({
  ...storm,
  kills: Math.max(0, storm.kills - crew.kills),
  pauses: Math.max(0, storm.pauses - crew.pauses.length),
})

function isShort(storm: Storm, crew: Crew): boolean {
  const { kills, pauses } = restOf(storm, crew)
  return kills + pauses > 0
}
