import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Clock } from '../../src/time/clock.ts'
import { endGroup, GRACE_MS, signalGroup } from '../../src/tools/process-group.ts'

/** The leader goes, and leaves a dead process in its group; its parent is in another one, and does not collect it. */
const LEAVES_A_ZOMBIE = `
  my $group = getpgrp;
  pipe(my $heard, my $said);
  if (!fork) {
    setpgrp(0, 0);
    if (!(my $pid = fork)) { setpgrp(0, $group); exit }
    else { until_dead($pid) }
    syswrite STDOUT, "$$\\n";
    syswrite $said, '.';
    sleep 60;
  }
  close $said;
  sysread $heard, my $ready, 1;
  sub until_dead { 1 until -e "/proc/$_[0]/stat" && do { open my $f, '<', "/proc/$_[0]/stat"; <$f> =~ /\\) Z/ } }`

it.runIf(process.platform === 'linux')('does not wait for a group in which all are dead', async () => {
  const leader = spawn('perl', ['-e', LEAVES_A_ZOMBIE], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [told] = (await once(leader.stdout, 'data')) as [Buffer]
  const parent = Number(told.toString())
  try {
    if (leader.exitCode === null) await once(leader, 'exit')
    expect(signalGroup(leader.pid!, 0)).toBe(true)
    const noTime: Clock = {
      now: () => 0,
      setTimer() {
        throw new Error('it waits')
      },
    }
    await endGroup(leader.pid!, noTime)
  } finally {
    process.kill(parent, 'SIGKILL')
  }
})

it('ends a group that stays after the grace period, however long each look at it takes', async () => {
  const script = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('there')"
  const child = spawn(process.execPath, ['-e', script], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  let now = 0
  const waits: number[] = []
  const slow: Clock = {
    now: () => now,
    setTimer(delayMs, fire) {
      waits.push(delayMs)
      now += GRACE_MS / 2
      queueMicrotask(fire)
      return { cancel: () => {} }
    },
  }
  const gone = once(child, 'exit')
  await endGroup(child.pid!, slow)
  expect(waits).toHaveLength(2)
  expect(await gone).toEqual([null, 'SIGKILL'])
})

describe('a process that ends', () => {
  const module = new URL('../../dist/src/tools/process-group.js', import.meta.url).href
  const stays = `for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {})
    setInterval(() => {}, 1_000)
    console.log(process.pid)`
  /** Has a child that only SIGKILL ends, says its id, and shares its output: that closes when both are gone. */
  const program = (more: string) => `
    import { spawn } from 'node:child_process'
    import { endWithProcess } from ${JSON.stringify(module)}
    ${more}
    const stdio = ['ignore', 'inherit', 'ignore']
    endWithProcess(spawn(process.execPath, ['-e', ${JSON.stringify(stays)}], { detached: true, stdio }).pid)
    setInterval(() => {}, 1_000)`

  async function started(more = '') {
    const args = ['--input-type=module', '-e', program(more)]
    const parent = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    const [told] = (await once(parent.stdout, 'data')) as [Buffer]
    const child = Number(told.toString())
    onTestFinished(() => {
      parent.kill('SIGKILL')
      signalGroup(child, 'SIGKILL')
    })
    return parent
  }

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('by %s takes its groups with it', async (signal) => {
    const parent = await started()
    parent.kill(signal)
    expect(await once(parent, 'close')).toEqual([null, signal])
  })

  it('leaves it to others what a signal means, where they listen', async () => {
    const parent = await started("process.on('SIGINT', () => process.exit(7))")
    parent.kill('SIGINT')
    expect(await once(parent, 'close')).toEqual([7, null])
  })
})
